// A thin map beside the text: the whole trace from top to bottom, findings of the layers shown, and
// what is on the screen. The strip above says the same to the keyboard and to screen readers.

function makeMinimap({ canvas, data, findings, offsets, layers, listen, goTo }) {
  // As in the strip: a picture of all but what is on the screen.
  const screen = canvas.getContext("2d");
  const picture = document.createElement("canvas");
  const context = picture.getContext("2d");
  const whole = Math.max(1, offsets.length);
  let seen = [0, 0];
  let drawn = false;

  function draw() {
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!width || !height) return;
    const ratio = window.devicePixelRatio || 1;
    picture.width = canvas.width = Math.round(width * ratio);
    picture.height = canvas.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const ink = getComputedStyle(canvas).color;
    const y = (point) => (point / whole) * height;
    context.fillStyle = ink;
    context.globalAlpha = 0.28;
    for (const sentence of data.thoughts) context.fillRect(0, y(data.starts[sentence]), width, 1);
    for (const { start, end, label, out, look } of findings) {
      if (out || !layers.has(label)) continue;
      context.globalAlpha = look === "rejected" ? 0.3 : 0.9;
      context.fillStyle = layers.colour(label);
      context.fillRect(3, y(start), width - 6, Math.max(2, y(end) - y(start)));
    }
    drawn = true;
    drawFrame();
  }

  function drawFrame() {
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!width || !height || !drawn) return;
    const style = getComputedStyle(canvas);
    const y = (point) => (point / whole) * height;
    const [top, tall] = [y(seen[0]), Math.max(6, y(seen[1]) - y(seen[0]))];
    screen.setTransform(1, 0, 0, 1, 0, 0);
    screen.clearRect(0, 0, canvas.width, canvas.height);
    screen.drawImage(picture, 0, 0);
    screen.setTransform(canvas.width / width, 0, 0, canvas.height / height, 0, 0);
    screen.globalAlpha = 0.09;
    screen.fillStyle = style.color;
    screen.fillRect(0, top, width, tall);
    screen.globalAlpha = 1;
    screen.strokeStyle = style.getPropertyValue("--frame") || style.color;
    screen.strokeRect(1, top + 0.5, width - 2, tall - 1);
  }

  function go(event) {
    if (event.buttons !== 1) return;
    const box = canvas.getBoundingClientRect();
    const part = Math.min(1, Math.max(0, (event.clientY - box.top) / box.height));
    goTo(Math.min(offsets.length - 1, Math.round(part * whole)));
  }
  listen(canvas, "pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    go(event);
  });
  listen(canvas, "pointermove", go);
  const drawing = afterPaint(draw); // the text comes first
  const resized = new ResizeObserver(drawing.ask);
  resized.observe(canvas);
  return {
    draw,
    show(from, to) {
      seen = [from, to];
      drawFrame();
    },
    destroy() {
      resized.disconnect();
      drawing.destroy();
    },
  };
}
