// The row below the timeline: what the model answered when its thinking was cut. The line is the
// probability of the answer; ● right, ○ wrong, ◇ not judged. Dashed: the first right answer. Full:
// from here on the answer stayed.

function makeProbes({ root, data, offsets, listen, goTo, say }) {
  const row = root.querySelector(".probes");
  const canvas = row.querySelector("canvas");
  const told = row.querySelector(".told");
  const found = data.probes;
  row.hidden = !found;
  root.querySelector(".legend .probe-key").hidden = !found;
  if (!found) return { draw() {}, destroy() {} };
  const { points } = found;
  const scale = Math.max(1, data.scale);
  const [TOP, BOTTOM] = [6, 8];
  const LABEL = 28; // the scale's words stand left of this
  let chosen = -1;

  const x = (point) => Math.min(canvas.clientWidth - 6, Math.max(6, (point / scale) * canvas.clientWidth));
  const y = (chance) => TOP + (1 - (chance ?? 0.5)) * (canvas.clientHeight - TOP - BOTTOM);

  function draw() {
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!width) return;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    const style = getComputedStyle(canvas);
    pen.strokeStyle = pen.fillStyle = style.color;
    lines(pen, width);
    place(pen, found.right, height, [3, 3]);
    place(pen, found.stable, height, []);
    const colour = style.getPropertyValue("--probe");
    curve(pen, colour);
    points.forEach((point, index) => dot(pen, point, colour, index === chosen));
  }

  function lines(pen, width) {
    pen.globalAlpha = 0.22;
    pen.lineWidth = 1;
    for (const chance of [0, 0.5, 1]) {
      pen.setLineDash(chance === 0.5 ? [2, 4] : []);
      pen.beginPath();
      pen.moveTo(chance ? LABEL : 0, Math.round(y(chance)) + 0.5);
      pen.lineTo(width, Math.round(y(chance)) + 0.5);
      pen.stroke();
    }
    pen.setLineDash([]);
    pen.globalAlpha = 0.75;
    pen.font = "10px sans-serif";
    pen.textBaseline = "middle";
    for (const chance of [1, 0.5]) pen.fillText(`p ${chance}`, 2, y(chance));
    pen.globalAlpha = 1;
  }

  function place(pen, at, height, dashes) {
    if (at === null) return;
    pen.lineWidth = 1.5;
    pen.setLineDash(dashes);
    pen.beginPath();
    pen.moveTo(x(at), 0);
    pen.lineTo(x(at), height);
    pen.stroke();
    pen.setLineDash([]);
  }

  function curve(pen, colour) {
    pen.strokeStyle = colour;
    pen.lineWidth = 1.5;
    pen.beginPath();
    let open = false;
    for (const [at, chance] of points) {
      if (chance === null) open = false;
      else if (open) pen.lineTo(x(at), y(chance));
      else pen.moveTo(x(at), y(chance));
      open = chance !== null;
    }
    pen.stroke();
  }

  function dot(pen, [at, chance, right], colour, marked) {
    const size = marked ? 6 : 4;
    pen.strokeStyle = pen.fillStyle = colour;
    pen.lineWidth = 1.5;
    pen.beginPath();
    if (right === null) {
      pen.moveTo(x(at), y(chance) - size);
      pen.lineTo(x(at) + size, y(chance));
      pen.lineTo(x(at), y(chance) + size);
      pen.lineTo(x(at) - size, y(chance));
      pen.closePath();
    } else pen.arc(x(at), y(chance), size, 0, 2 * Math.PI);
    if (right !== 1) {
      pen.save();
      pen.fillStyle = getComputedStyle(root).backgroundColor;
      pen.fill();
      pen.restore();
      pen.stroke();
    } else pen.fill();
  }

  function words([at, chance, right, answer]) {
    const share = Math.round((100 * at) / Math.max(1, offsets.length));
    const judged = right === null ? "" : right ? tr(", right") : tr(", wrong");
    const sure = chance === null ? "" : tr(", probability {p}", { p: chance.toFixed(2) });
    return tr("Cut at {share} %: {answer}", { share, answer: answer ? withMarks(answer) : tr("no answer") }) + judged + sure;
  }

  function choose(index) {
    if (index === chosen) return;
    chosen = index;
    told.textContent = index < 0 ? "" : words(points[index]);
    // Not over the point that it is about.
    told.classList.toggle("left", index >= 0 && x(points[index][0]) > canvas.clientWidth / 2);
    draw();
  }

  function nearest(event) {
    const at = event.clientX - canvas.getBoundingClientRect().left;
    let best = 0;
    points.forEach(([point], index) => {
      if (Math.abs(x(point) - at) < Math.abs(x(points[best][0]) - at)) best = index;
    });
    return best;
  }

  listen(canvas, "pointermove", (event) => choose(nearest(event)));
  listen(canvas, "pointerleave", () => choose(-1));
  listen(canvas, "click", (event) => goTo(Math.min(offsets.length - 1, points[nearest(event)][0])));
  listen(canvas, "keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    choose(Math.min(points.length - 1, Math.max(0, chosen + by)));
    say(words(points[chosen]));
    goTo(Math.min(offsets.length - 1, points[chosen][0]));
  });
  const resized = new ResizeObserver(draw);
  resized.observe(canvas);
  return { draw, destroy: () => resized.disconnect() };
}
