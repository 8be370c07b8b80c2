// One column: the text of a trace with its strip, findings and cards.

const NO_FORMULAS = { formulas: [] }; // the text as it stands

function makeColumn(parent, data, level, index, { labels, layers, say, scrolled, touched, pointed }) {
  const stop = new AbortController();
  const listen = (target, kind, act) => target.addEventListener(kind, act, { signal: stop.signal });
  const root = element("section", data.absence ? "column absent" : "column");
  root.setAttribute("aria-label", data.name);
  const title = element("h3", "");
  const name = element("span", "", withMarks(data.name));
  name.title = data.name;
  title.append(name, element("span", "where"));
  const strip = element("canvas", "strip");
  strip.tabIndex = 0;
  strip.setAttribute("role", "slider");
  strip.setAttribute("aria-label", tr("Timeline of {name}", { name: data.name }));
  const page = element("div", "page");
  const pane = element("div", "text");
  pane.tabIndex = 0;
  pane.setAttribute("role", "document");
  pane.setAttribute("aria-label", tr("Reasoning of {name}", { name: data.name }));
  page.append(pane);
  root.append(title, strip, page);
  parent.append(root);

  const offsets = makeOffsets(data.text);
  const view = makeTextView(pane, data, offsets, NO_FORMULAS);
  const findings = data.findings.map((finding) => ({
    ...finding,
    from: offsets.toUnits(finding.start),
    to: offsets.toUnits(finding.end),
  }));
  markLanguages(findings, view);
  const elements = [...pane.querySelectorAll(".s")];
  elements.forEach((sentence, at) => {
    if (level[at] === 2) sentence.classList.add("same");
    else if (level[at] === 0) sentence.classList.add("only");
  });

  const card = makeCard(root, labels, pane);
  const state = { current: -1, at: null };
  const goTo = (point) => {
    touched(index);
    const unit = offsets.toUnits(point);
    scrollToUnits(pane, view, unit, unit + 1);
  };
  const timeline = makeStrip({ canvas: strip, data, findings, offsets, layers, listen, goTo });
  const walk = makeWalk({ findings, layers, view, pane, data: { ...data, labels }, state, card, say });
  const points = makePoints(page, pane, view, data, offsets);
  const where = title.querySelector(".where");
  const hovering = makeHovering({ listen, pane, data, view, findings, layers, card, walk });

  let waiting = 0;
  function watch() {
    waiting = 0;
    if (!elements.length) return;
    const frame = pane.getBoundingClientRect();
    const first = view.sentenceAtHeight(frame.top + 4);
    const last = view.sentenceAtHeight(frame.bottom - 4);
    const atEnd = pane.scrollTop + pane.clientHeight >= pane.scrollHeight - 2;
    const begin = pane.scrollTop <= 2 ? 0 : data.starts[first];
    timeline.show(begin, Math.max(begin, atEnd ? offsets.length : data.starts[last]));
    where.textContent = `${first + 1} / ${data.starts.length}`;
    where.title = data.segmented
      ? tr("Sentence {n} of {all} is on top", { n: first + 1, all: data.starts.length })
      : tr("Line {n} of {all} is on top", { n: first + 1, all: data.starts.length });
    points.draw(column.lit);
  }
  const soon = () => {
    if (!waiting) waiting = requestAnimationFrame(watch);
  };

  listen(pane, "scroll", () => {
    card.scrolled();
    scrolled(index);
    soon();
  });
  for (const kind of ["wheel", "pointerdown", "touchstart", "focusin"]) {
    root.addEventListener(kind, () => touched(index), { signal: stop.signal, passive: true });
  }
  const sentenceOf = (event) => event.target.closest?.(".s");
  listen(pane, "pointerover", (event) => {
    const sentence = sentenceOf(event);
    pointed(index, sentence ? Number(sentence.dataset.s) : null, false);
  });
  listen(pane, "pointerleave", () => pointed(index, null, false));
  listen(pane, "dblclick", (event) => {
    const sentence = sentenceOf(event);
    if (sentence) pointed(index, Number(sentence.dataset.s), true);
  });
  const resized = new ResizeObserver(soon);
  resized.observe(pane);

  const column = {
    root, pane, view, data, level, elements, points, walk, soon,
    lit: null,
    drawFindings() {
      card.hide();
      timeline.draw();
    },
    // Where a sentence begins, in pixels from the top of all the text.
    top(at) {
      const box = elements[at].getClientRects()[0] ?? elements[at].getBoundingClientRect();
      return box.top - pane.getBoundingClientRect().top + pane.scrollTop;
    },
    destroy() {
      stop.abort();
      resized.disconnect();
      cancelAnimationFrame(waiting);
      hovering.destroy();
      card.destroy();
      timeline.destroy();
      root.remove();
    },
  };
  return column;
}
