// The strip above the text: the whole trace from left to right. Upper row: thoughts; middle:
// findings of the layers that are shown; lower: candidate answers, filled where right (without a
// gold answer: where equal to the final one). Hatched: the tail after the final answer first stood.
// The frame is what is on the screen.

function makeStrip(canvas, data, offsets, layers, listen, goTo) {
  const context = canvas.getContext("2d");
  const scale = Math.max(1, data.scale);
  const answerLabel = data.labels.findIndex((label) => label.name === "candidate_answer");
  const filled = filledRole(data);
  let seen = [0, 0];

  function draw() {
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (!width) return;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const style = getComputedStyle(canvas);
    const ink = style.color;
    const x = (point) => (point / scale) * width;
    const end = offsets.length;
    if (data.tail !== null) drawTail(x(data.tail), x(end), height, ink);
    drawThoughts(x, end, ink);
    drawFindings(x, height);
    if (answerLabel >= 0) drawAnswers(x, height);
    context.fillStyle = ink;
    context.globalAlpha = 0.35;
    context.fillRect(0, height - 1, x(end), 1);
    context.globalAlpha = 1;
    context.strokeStyle = style.getPropertyValue("--frame") || ink;
    context.lineWidth = 2;
    const left = Math.max(1, x(seen[0]));
    context.strokeRect(left, 1, Math.max(4, x(seen[1]) - left - 1), height - 2);
  }

  function drawTail(from, to, height, ink) {
    context.save();
    context.beginPath();
    context.rect(from, 0, Math.max(0, to - from), height);
    context.clip();
    context.strokeStyle = ink;
    context.globalAlpha = 0.2;
    context.lineWidth = 1;
    for (let at = from - height; at < to; at += 6) {
      context.beginPath();
      context.moveTo(at, height);
      context.lineTo(at + height, 0);
      context.stroke();
    }
    context.restore();
  }

  function drawThoughts(x, end, ink) {
    context.fillStyle = ink;
    data.thoughts.forEach((sentence, index) => {
      const next = data.thoughts[index + 1];
      const from = x(data.starts[sentence]);
      const to = x(next === undefined ? end : data.starts[next]);
      context.globalAlpha = index % 2 ? 0.16 : 0.34;
      context.fillRect(from, 3, Math.max(1, to - from - 1), 5);
    });
    context.globalAlpha = 1;
  }

  function drawFindings(x, height) {
    for (const { start, end, label } of data.findings) {
      if (!layers.has(label) || label === answerLabel) continue;
      context.fillStyle = layers.colour(label);
      context.fillRect(x(start), 11, Math.max(2, x(end) - x(start)), height - 22);
    }
  }

  function drawAnswers(x, height) {
    context.fillStyle = context.strokeStyle = layers.colour(answerLabel);
    context.lineWidth = 1.2;
    for (const { start, label, role } of data.findings) {
      if (label !== answerLabel) continue;
      context.beginPath();
      context.moveTo(x(start), height - 10);
      context.lineTo(x(start) - 4, height - 3);
      context.lineTo(x(start) + 4, height - 3);
      context.closePath();
      if (role === filled) context.fill();
      else context.stroke();
    }
  }

  function pointAt(event) {
    const box = canvas.getBoundingClientRect();
    const part = (event.clientX - box.left) / box.width;
    return Math.min(offsets.length - 1, Math.max(0, Math.round(part * scale)));
  }

  function drag(event) {
    if (event.buttons === 1) goTo(pointAt(event));
  }
  listen(canvas, "pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    drag(event);
  });
  listen(canvas, "pointermove", drag);
  const resized = new ResizeObserver(draw);
  resized.observe(canvas);

  return {
    draw,
    show(from, to) {
      seen = [from, to];
      draw();
    },
    destroy: () => resized.disconnect(),
  };
}

// Which candidate answers are drawn filled: the right ones if any is, else those that equal the
// final answer.
function filledRole(data) {
  return data.side?.gold || data.findings.some(({ role }) => role === "right") ? "right" : "final";
}

function fillLegend(root, data) {
  const legend = root.querySelector(".legend");
  const answers = data.labels.some((label) => label.name === "candidate_answer");
  legend.hidden = data.compact || (!answers && data.tail === null);
  legend.children[0].hidden = data.tail === null;
  legend.children[1].hidden = !answers;
  legend.querySelector("b").textContent =
    filledRole(data) === "right" ? "correct" : "equals the final answer";
}
