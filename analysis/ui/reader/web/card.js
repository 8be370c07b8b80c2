// The card beside a finding: label, value, score and the evidence for it. Text only.

const CARD_WIDTH = 340;

function makeCard(root, labels, pane) {
  const card = element("div", "card");
  let follow = null; // where the card belongs when the text is laid out anew; none: then it goes
  let placed = { top: 0, scroll: 0, height: 0 };
  card.hidden = true;
  card.setAttribute("role", "note");
  root.append(card);

  function describe(finding) {
    const label = labels[finding.label];
    const one = element("div", "one");
    const head = element("div", `head l-${finding.label}`);
    head.append(makeSwatch(), element("strong", "", label.title));
    if (finding.analyzer !== "person") head.append(element("span", "score", tr("score {score}", { score: finding.score })));
    one.append(head);
    if (label.definition) one.append(element("div", "definition", label.definition));
    const facts = element("dl", "");
    const add = (name, value) =>
      facts.append(element("dt", "", withMarks(name)), element("dd", "", withMarks(value)));
    if (finding.value !== null) add(tr("value"), finding.value);
    finding.evidence.forEach(([name, value]) => add(name, value));
    const person = finding.analyzer === "person";
    if (label.measured && !person) add(tr("measured"), label.measured);
    if (!person) add(tr("found by"), finding.source);
    finding.by.forEach(([name, does]) => add(tr("people"), `${name}: ${tr(does)}`));
    if (finding.orphan) add(tr("now"), tr("no analyzer finds it any more"));
    if (finding.was) {
      add(tr("moved"), person ? tr("it was added with other borders") : tr("the analyzer has other borders"));
    }
    one.append(facts);
    return one;
  }

  // Below the finding, or below its first line when it is long; above where there is no room; never
  // outside the root.
  function place(boxes) {
    const frame = root.getBoundingClientRect();
    const last = boxes[boxes.length - 1];
    const short = last.bottom - boxes[0].top < 140 && last.bottom + card.offsetHeight < frame.bottom;
    const box = { left: boxes[0].left, top: boxes[0].top, bottom: (short ? last : boxes[0]).bottom };
    const left = Math.min(Math.max(8, box.left - frame.left), frame.width - CARD_WIDTH - 8);
    card.style.left = `${Math.max(8, left)}px`;
    const below = box.bottom - frame.top + 8;
    const fits = below + card.offsetHeight < frame.height;
    const top = fits ? below : Math.max(8, box.top - frame.top - card.offsetHeight - 8);
    card.style.top = `${top}px`;
    placed = { top, scroll: pane.scrollTop, height: frame.height };
  }

  return {
    element: card,
    show(findings, boxes, whereNow = null) {
      follow = whereNow;
      const few = findings.slice(0, 4).map(describe);
      if (findings.length > 4) few.push(element("div", "more", tr("and {n} more", { n: findings.length - 4 })));
      card.replaceChildren(...few);
      card.hidden = false;
      place(boxes);
    },
    hide() {
      card.hidden = true;
    },
    moved() {
      if (card.hidden) return;
      const boxes = follow ? follow() : [];
      if (boxes.length) place(boxes);
      else card.hidden = true;
    },
    // Goes with the text, by arithmetic: to ask where the finding is would lay out text out of sight.
    scrolled() {
      if (card.hidden) return;
      const top = placed.top - (pane.scrollTop - placed.scroll);
      card.style.top = `${top}px`;
      if (top < 0 || top > placed.height) card.hidden = true;
    },
    // What the card says of a finding beside its label, for those who hear the page.
    words: (finding) =>
      [...describe(finding).querySelectorAll(".score, dt, dd")]
        .map(({ textContent }) => textContent)
        .filter(Boolean)
        .join(", "),
    destroy: () => card.remove(),
  };
}
