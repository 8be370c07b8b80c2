// The mouse over a column: the card of the findings under it, and exact copies.

function makeHovering({ listen, pane, data, view, findings, layers, card, walk }) {
  let over = null;
  let waiting = 0;

  // Findings of shown layers at a place, shortest first: the most specific is read first.
  function findingsAt(piece) {
    const unit = view.segments[Number(piece.dataset.g)].start;
    return findings
      .filter(({ from, to, label }) => from <= unit && unit < to && layers.has(label))
      .sort((one, other) => one.to - one.from - (other.to - other.from));
  }

  function later(act, wait) {
    clearTimeout(waiting);
    waiting = setTimeout(act, wait);
  }

  listen(pane, "pointerover", (event) => {
    const piece = event.target.closest(".g");
    // Text that scrolls under a mouse at rest is not pointed at.
    if (piece === over || (!event.movementX && !event.movementY)) return;
    over = piece;
    const show = () => {
      const found = findingsAt(piece);
      if (found.length) card.show(found, [...piece.getClientRects()]);
      else card.hide();
    };
    later(piece ? show : card.hide, piece ? 120 : 200);
  });
  listen(pane, "pointerleave", () => {
    over = null;
    later(card.hide, 200);
  });
  listen(card.element, "pointerenter", () => clearTimeout(waiting));
  listen(card.element, "pointerleave", card.hide);
  listen(pane, "click", (event) => {
    const piece = event.target.closest(".g");
    const selection = document.getSelection();
    if (!piece || (selection && !selection.isCollapsed)) return;
    const found = findingsAt(piece);
    if (found.length) walk.choose(findings.indexOf(found[0]));
  });
  listen(pane, "copy", (event) => {
    const exact = exactSelection(pane, view, data.text);
    if (exact === null) return;
    event.clipboardData.setData("text/plain", exact);
    event.preventDefault();
  });
  return { destroy: () => clearTimeout(waiting) };
}
