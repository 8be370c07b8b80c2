// LaTeX, set on demand, only where Python found a formula (prices in dollars are none). The raw text
// stays in the page, unseen, where the formula stands: offsets, find, copies and screen readers know
// nothing else. A finding that begins or ends inside a formula is drawn over all of it.

const KATEX = "/cotscope-assets/katex/";
const KATEX_OPTIONS = { trust: false, strict: "ignore", maxExpand: 200, maxSize: 20, output: "html" };
const KATEX_FONTS = [
  ["AMS", "Regular"], ["Caligraphic", "Bold"], ["Caligraphic", "Regular"], ["Fraktur", "Bold"],
  ["Fraktur", "Regular"], ["Main", "Bold"], ["Main", "BoldItalic"], ["Main", "Italic"],
  ["Main", "Regular"], ["Math", "BoldItalic"], ["Math", "Italic"], ["SansSerif", "Bold"],
  ["SansSerif", "Italic"], ["SansSerif", "Regular"], ["Script", "Regular"], ["Size1", "Regular"],
  ["Size2", "Regular"], ["Size3", "Regular"], ["Size4", "Regular"], ["Typewriter", "Regular"],
];
// Commands that link, fetch or make markup: such a formula stays as it is written.
const KATEX_REFUSED = /\\(?:href|url|includegraphics|html(?:Class|Id|Style|Data))(?![a-zA-Z])/;
let katexLoading = null;

// Fonts are the document's: a shadow root cannot declare any.
function addKatexFonts() {
  for (const [family, face] of KATEX_FONTS) {
    const font = new FontFace(`KaTeX_${family}`, `url(${KATEX}fonts/KaTeX_${family}-${face}.woff2)`, {
      weight: face.startsWith("Bold") ? "700" : "400",
      style: face.endsWith("Italic") ? "italic" : "normal",
    });
    document.fonts.add(font);
  }
}

function loadKatex() {
  katexLoading ??= import(new URL(`${KATEX}katex.min.js`, window.location.origin).href)
    .then(() => {
      addKatexFonts();
      return window.katex;
    })
    .catch((error) => {
      katexLoading = null;
      throw error;
    });
  return katexLoading;
}

// Segments where each formula that a border cuts is one segment, with all labels that are in it. A
// formula in which a sentence begins stays cut, and so stays as it is written.
function joinFormulas(segments, formulas, starts) {
  const joined = [];
  let next = 0;
  for (const { from, to } of formulas) {
    while (next < segments.length && segments[next].end <= from) joined.push(segments[next++]);
    const inside = [];
    while (next < segments.length && segments[next].start < to) inside.push(segments[next++]);
    const last = inside[inside.length - 1];
    const sentences = countBelow(starts.length, (i) => starts[i] < to) - countBelow(starts.length, (i) => starts[i] <= from);
    const cut = last && (inside.length > 1 || inside[0].start > from || last.end < to);
    if (!cut || sentences) {
      // What reaches beyond this formula may be cut by the next one.
      if (last && last.end > to) next--;
      joined.push(...(last && last.end > to ? inside.slice(0, -1) : inside));
      continue;
    }
    if (inside[0].start < from) joined.push({ ...inside[0], end: from });
    const labels = [...new Set(inside.flatMap((one) => one.labels))].sort((a, b) => a - b);
    joined.push({ start: from, end: to, labels });
    if (last.end > to) segments[--next] = { ...last, start: to };
  }
  return [...joined, ...segments.slice(next)];
}

// Sets formulas when they come near the screen.
function makeTypeset(pane, data, offsets) {
  const on = CHOSEN.typeset && !data.compact;
  const formulas = on
    ? data.math.map(([start, end, sides, displayed]) => {
        const from = offsets.toUnits(start);
        const to = offsets.toUnits(end);
        return { from, to, tex: data.text.slice(from + sides, to - sides), displayed };
      })
    : [];
  const waiting = new Map();
  const observer = on
    ? new IntersectionObserver(see, { root: pane, rootMargin: "600px 0px" })
    : null;
  let style = null;

  function see(entries) {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      loadKatex().then((katex) => set(katex, target), () => {});
    }
  }

  function set(katex, box) {
    const formula = waiting.get(box);
    if (!formula) return;
    waiting.delete(box);
    const shown = element("span", "set");
    shown.setAttribute("aria-hidden", "true");
    try {
      if (KATEX_REFUSED.test(formula.tex)) throw new Error("not to be set");
      katex.render(formula.tex, shown, { ...KATEX_OPTIONS, displayMode: Boolean(formula.displayed) });
    } catch {
      box.classList.add("failed"); // not LaTeX that it knows: the raw text stays
      return;
    }
    box.append(shown);
    box.classList.add("done");
    box.classList.toggle("displayed", Boolean(formula.displayed));
  }

  return {
    formulas,
    // The elements of a formula; the raw text goes into the one returned.
    box(parent, formula) {
      const box = element("span", "math");
      const raw = element("span", "raw");
      box.append(raw);
      parent.append(box);
      waiting.set(box, formula);
      observer.observe(box);
      return raw;
    },
    start(root) {
      if (!on) return;
      style = element("link");
      style.rel = "stylesheet";
      style.href = `${KATEX}katex.min.css`;
      root.append(style);
    },
    destroy() {
      observer?.disconnect();
      style?.remove();
    },
  };
}
