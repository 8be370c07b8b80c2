// The mouse over the text: the card of the findings under it, and the handle that links a sentence.

function listenToText({ listen, pane, anchor, data, view, findings, layers, card, walk, place }) {
  let over = null;
  let waiting = 0;
  let dwelling = 0;
  let anchored = 0; // the sentence that the handle links
  listen(anchor, "click", () => place.copyLink(anchored));

  // Findings of shown layers in a piece, shortest first: the most specific is read first.
  function findingsAt({ start, end }) {
    return findings
      .filter(({ from, to, label, out }) => !out && from < end && start < to && layers.has(label))
      .sort((one, other) => one.to - one.from - (other.to - other.from));
  }

  // The browser says "over" also when the text scrolls under a mouse at rest; that is no pointing.
  let seen = "";
  const isAtRest = ({ clientX, clientY }) => seen === (seen = `${clientX},${clientY}`);
  listen(pane, "pointermove", isAtRest);

  listen(pane, "pointerover", (event) => {
    if (isAtRest(event)) return;
    const piece = event.target.closest(".g");
    if (piece !== over) {
      over = piece;
      clearTimeout(waiting);
      waiting = setTimeout(() => (piece ? point(piece, event) : card.hide()), piece ? 90 : 200);
    }
    const sentence = event.target.closest(".s");
    if (!sentence || !data.segmented) return;
    // Not at once: on the way to the handle the mouse may cross other sentences.
    clearTimeout(dwelling);
    dwelling = setTimeout(() => showAnchor(Number(sentence.dataset.s), sentence), 220);
  });
  listen(pane, "pointerleave", () => {
    over = null;
    seen = "";
    clearTimeout(dwelling);
    clearTimeout(waiting);
    waiting = setTimeout(card.hide, 200);
  });
  listen(pane, "scroll", () => {
    anchor.hidden = true;
  });

  function point(piece, event) {
    const here = findingsAt(view.segments[Number(piece.dataset.g)]);
    if (!here.length) return card.hide();
    const boxes = [...piece.getClientRects()];
    const fromHere = boxes.filter((box) => box.bottom >= event.clientY);
    if (boxes.length) card.show(here, fromHere.length ? fromHere : boxes);
  }

  listen(card.element, "pointerenter", () => clearTimeout(waiting));
  listen(card.element, "pointerleave", card.hide);

  listen(pane, "click", (event) => {
    const piece = event.target.closest(".g");
    const selection = document.getSelection();
    if (!piece || (selection && !selection.isCollapsed)) return;
    const here = findingsAt(view.segments[Number(piece.dataset.g)]);
    if (here.length) walk.choose(findings.indexOf(here[0]));
  });

  function showAnchor(index, sentence) {
    const box = sentence.getClientRects()[0];
    const frame = pane.getBoundingClientRect();
    if (!box || box.top < frame.top || box.bottom > frame.bottom) return;
    anchor.hidden = false;
    anchor.style.top = `${box.top - frame.top}px`;
    anchor.textContent = `§${index + 1}`;
    anchor.title = tr("Copy a link to sentence {n}", { n: index + 1 });
    anchor.setAttribute("aria-label", anchor.title);
    anchored = index;
  }

  listen(pane, "copy", (event) => {
    const exact = exactSelection(pane, view, data.text);
    if (exact === null) return;
    event.clipboardData.setData("text/plain", exact);
    event.preventDefault();
  });
}
