// The two points of a trace that are lined up: where the correct answer first stood, and where the
// final one did. Each is a line across its column, over the text; lined up they are one line.

const POINT_NAMES = { right: N_("✓ first correct"), tail: N_("final answer first") };

function makePoints(page, pane, view, data, offsets) {
  const found = {};
  for (const [name, title] of Object.entries(POINT_NAMES)) {
    if (data[name] === null || data.absence) continue;
    const line = element("div", `point ${name}`);
    line.append(element("b", "", tr(title)));
    page.append(line);
    const unit = offsets.toUnits(Math.max(1, data[name]));
    found[name] = { line, range: view.range(Math.max(0, unit - 1), unit) };
  }

  // Below the line of text in which the point is; in pixels from the top of all the text.
  function place(name) {
    if (!found[name]) return null;
    const boxes = found[name].range.getClientRects();
    const box = boxes[boxes.length - 1] ?? found[name].range.getBoundingClientRect();
    return box.bottom - pane.getBoundingClientRect().top + pane.scrollTop;
  }

  // Where both points are in one line, one of them says it.
  function draw(lit) {
    const places = Object.keys(found).map((name) => [name, place(name)]);
    let taken = null;
    for (const [name, at] of places) {
      const { line } = found[name];
      const top = at - pane.scrollTop;
      line.hidden = top < 0 || top > pane.clientHeight || taken === Math.round(at);
      line.style.top = `${top + 1}px`;
      line.classList.toggle("lit", name === lit);
      taken = Math.round(at);
    }
  }

  return { place, draw, has: (name) => name in found };
}
