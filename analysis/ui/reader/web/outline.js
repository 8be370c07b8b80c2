// The outline: the thoughts of the trace with their first words, each to be opened for its
// findings of the layers shown. The whole panel comes and goes with a key.

const OUTLINE_WORDS = 90;

function makeOutline({ root, data, findings, view, layers, goTo, choose }) {
  const panel = root.querySelector(".outline");
  const button = root.querySelector('[data-do="outline"]');
  let stale = true;
  let rows = [];

  const beginOf = (index) => view.starts[data.thoughts[index]];
  const endOf = (index) => (index + 1 < data.thoughts.length ? beginOf(index + 1) : data.text.length);

  function words(index) {
    const from = beginOf(index);
    const text = data.text.slice(from, Math.min(endOf(index), from + 3 * OUTLINE_WORDS)).trim();
    const short = text.replace(/\s+/g, " ").slice(0, OUTLINE_WORDS);
    // Not in the middle of a character of two units.
    return withMarks(short.replace(/[\ud800-\udbff]$/, "")) + (text.length > short.length ? "…" : "");
  }

  function fill() {
    stale = false;
    let next = 0;
    const shown = findings.filter(({ out, label }) => !out && layers.has(label));
    rows = data.thoughts.map((_, index) => {
      const own = [];
      while (next < shown.length && shown[next].from < endOf(index)) own.push(shown[next++]);
      return row(index, own);
    });
    const fold = element("button", "", tr("Unfold all"));
    fold.type = "button";
    fold.addEventListener("click", () => {
      const open = !rows.some((each) => each.open);
      rows.forEach((each) => (each.open = open));
      fold.textContent = open ? tr("Fold all") : tr("Unfold all");
    });
    const head = element("div", "outline-head");
    head.append(element("strong", "", trn("{n} thought", "{n} thoughts", data.thoughts.length)), fold);
    panel.replaceChildren(head, ...rows);
  }

  function row(index, own) {
    const one = element("details", "");
    const summary = element("summary", "");
    const go = element("button", "to", words(index));
    go.type = "button";
    go.title = tr("Go to thought {n}", { n: index + 1 });
    go.addEventListener("click", (event) => {
      event.preventDefault();
      goTo(index);
    });
    summary.append(element("span", "number", String(index + 1)), go);
    if (own.length) summary.append(element("span", "count", String(own.length)));
    one.append(summary);
    // The findings are made when they are first looked at.
    one.addEventListener("toggle", () => one.open && one.children.length === 1 && one.append(list(own)));
    return one;
  }

  function list(own) {
    const all = element("ul", "");
    for (const finding of own) {
      const item = element("li", "");
      const go = element("button", `to l-${finding.label}`);
      go.type = "button";
      go.append(makeSwatch(), element("span", "", data.labels[finding.label].title));
      go.addEventListener("click", () => choose(findings.indexOf(finding)));
      item.append(go);
      all.append(item);
    }
    if (!own.length) all.append(element("li", "soft", tr("No findings of the layers shown")));
    return all;
  }

  function show() {
    const open = CHOSEN.outline && !data.compact && data.thoughts.length > 0;
    panel.hidden = !open;
    button.setAttribute("aria-pressed", String(open));
    if (open && stale) fill();
  }

  show();
  return {
    toggle() {
      CHOSEN.outline = !CHOSEN.outline;
      show();
    },
    changed() {
      stale = true;
      show();
    },
    // Which thought is on top of the screen.
    at(index) {
      rows.forEach((each, number) => each.classList.toggle("here", number === index));
    },
    destroy: () => panel.replaceChildren(),
  };
}
