// The strip above the text: the whole trace from left to right. Upper row: thoughts; below it
// solution rounds, filled where they say something new; middle: findings of the layers that are
// shown; lower: candidate answers, filled where right (without a gold answer: where equal to the
// final one). Dashed line: where the correct answer first stood. Full line: where the final one
// did; the tail after it is hatched. The frame is what is on the screen.

function makeStrip({ canvas, data, findings, offsets, layers, listen, goTo }) {
  // All but the frame is kept as a picture: scrolling moves only the frame.
  const screen = canvas.getContext("2d");
  const picture = document.createElement("canvas");
  const context = picture.getContext("2d");
  const scale = Math.max(1, data.scale);
  const answerLabel = data.labels.findIndex((label) => label.name === "candidate_answer");
  const filled = filledRole(data);
  let seen = [0, 0];
  let drawn = false;

  function draw() {
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (!width) return;
    const ratio = window.devicePixelRatio || 1;
    picture.width = canvas.width = Math.round(width * ratio);
    picture.height = canvas.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const ink = getComputedStyle(canvas).color;
    const x = (point) => (point / scale) * width;
    const end = offsets.length;
    if (data.tail !== null) drawTail(x(data.tail), x(end), height, ink);
    drawThoughts(x, end, ink);
    drawRounds(x, ink);
    drawFindings(x, height);
    if (data.right !== null) drawLine(x(data.right), height, ink, [3, 3]);
    if (data.tail !== null) drawLine(x(data.tail), height, ink, []);
    if (answerLabel >= 0) drawAnswers(x, height);
    context.fillStyle = ink;
    context.globalAlpha = 0.35;
    context.fillRect(0, height - 1, x(end), 1);
    context.globalAlpha = 1;
    drawn = true;
    drawFrame();
  }

  function drawFrame() {
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!width || !drawn) return;
    const style = getComputedStyle(canvas);
    const x = (point) => (point / scale) * width;
    screen.setTransform(1, 0, 0, 1, 0, 0);
    screen.clearRect(0, 0, canvas.width, canvas.height);
    screen.drawImage(picture, 0, 0);
    screen.setTransform(canvas.width / width, 0, 0, canvas.height / height, 0, 0);
    screen.strokeStyle = style.getPropertyValue("--frame") || style.color;
    screen.lineWidth = 2;
    const left = Math.max(1, x(seen[0]));
    screen.strokeRect(left, 1, Math.max(4, x(seen[1]) - left - 1), height - 2);
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

  function drawRounds(x, ink) {
    context.fillStyle = context.strokeStyle = ink;
    context.lineWidth = 1;
    context.globalAlpha = 0.55;
    for (const [start, end, isNew] of data.rounds) {
      const from = x(start);
      const width = Math.max(1, x(end) - from - 1);
      if (isNew) context.fillRect(from, 11, width, 5);
      else if (width > 3) context.strokeRect(from + 0.5, 11.5, width - 1, 4);
      else context.fillRect(from, 13, width, 1);
    }
    context.globalAlpha = 1;
  }

  function drawLine(at, height, ink, dashes) {
    context.save();
    context.strokeStyle = ink;
    context.lineWidth = 1.5;
    context.setLineDash(dashes);
    context.beginPath();
    context.moveTo(at, 0);
    context.lineTo(at, height);
    context.stroke();
    context.restore();
  }

  function drawFindings(x, height) {
    const top = data.rounds.length ? 19 : 11;
    for (const { start, end, label, out, look } of findings) {
      if (out || !layers.has(label) || label === answerLabel) continue;
      context.globalAlpha = look === "rejected" ? 0.3 : 1;
      context.fillStyle = layers.colour(label);
      context.fillRect(x(start), top, Math.max(2, x(end) - x(start)), height - 11 - top);
    }
    context.globalAlpha = 1;
  }

  function drawAnswers(x, height) {
    context.fillStyle = context.strokeStyle = layers.colour(answerLabel);
    context.lineWidth = 1.2;
    for (const { start, label, role, out } of findings) {
      if (out || label !== answerLabel) continue;
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
  listen(canvas, "keydown", (event) => {
    const steps = { ArrowLeft: -0.02, ArrowDown: -0.02, ArrowRight: 0.02, ArrowUp: 0.02, PageUp: -0.1, PageDown: 0.1 };
    const by = steps[event.key];
    const ends = { Home: 0, End: offsets.length - 1 };
    if (by === undefined && !(event.key in ends)) return;
    event.preventDefault();
    const point = by === undefined ? ends[event.key] : seen[0] + Math.round(by * offsets.length);
    goTo(Math.min(offsets.length - 1, Math.max(0, point)));
  });
  const drawing = afterPaint(draw); // the text comes first
  const resized = new ResizeObserver(drawing.ask);
  resized.observe(canvas);

  return {
    draw,
    show(from, to) {
      seen = [from, to];
      const share = Math.round((100 * from) / Math.max(1, offsets.length));
      canvas.setAttribute("aria-valuenow", share);
      canvas.setAttribute("aria-valuetext", tr("{share} % of the trace is above the screen", { share }));
      drawFrame();
    },
    destroy() {
      resized.disconnect();
      drawing.destroy();
    },
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
  const [right, tail, rounds, candidates] = legend.children;
  legend.hidden = data.compact || (!answers && data.tail === null && !data.probes && !data.tokens);
  right.hidden = data.right === null;
  tail.hidden = data.tail === null;
  rounds.hidden = !data.rounds.length;
  candidates.hidden = !answers;
  legend.querySelector("b").textContent =
    filledRole(data) === "right" ? tr("correct") : tr("equals the final answer");
}
