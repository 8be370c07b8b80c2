// The layer of uncertainty: tokens that the model was not sure of, painted with the CSS Custom
// Highlight API. Only what is near the screen is painted, so a long trace costs no more than a short.

const UNSURE = "token_uncertainty"; // its name among the layers of a link
const UNSURE_PAINTS = typeof Highlight === "function" && "highlights" in CSS
  ? ["unsure-1", "unsure-2", "unsure-3"].map((name) => {
      const paint = new Highlight();
      CSS.highlights.set(`cot-${name}`, paint);
      return paint;
    })
  : [];
const UNSURE_AROUND = 4000; // code points on each side of the screen

function makeUnsure({ root, data, view, offsets, shown, changed }) {
  const tokens = data.tokens;
  const key = root.querySelector(".legend .unsure-key");
  let on = false;
  let mine = UNSURE_PAINTS.map(() => []);
  let seen = [0, 0];
  if (!tokens || !UNSURE_PAINTS.length) {
    key.hidden = true;
    return { show() {}, names: () => [], set() {}, destroy() {} };
  }

  const chip = element("button", "chip unsure");
  chip.type = "button";
  chip.title =
    tr("Tokens that the model gave a low probability: below 0.9 dotted, below 0.5 dashed, below 0.2 wavy");
  chip.append(
    element("span", "swatch", "ab"),
    element("span", "", tr("Token uncertainty")),
    element("span", "count", tokens.at.length.toLocaleString("en")),
  );
  chip.addEventListener("click", () => {
    on = !on;
    apply();
    changed(on);
  });
  root.querySelector(".chips").append(chip);

  const levelOf = (p) => tokens.levels.filter((least) => p < 1000 * least).length - 1;

  function clear() {
    mine.forEach((ranges, level) => ranges.forEach((range) => UNSURE_PAINTS[level].delete(range)));
    mine = UNSURE_PAINTS.map(() => []);
  }

  function paint() {
    clear();
    const first = countBelow(tokens.at.length, (i) => tokens.at[i] < seen[0] - UNSURE_AROUND);
    for (let i = first; i < tokens.at.length && tokens.at[i] <= seen[1] + UNSURE_AROUND; i++) {
      const from = offsets.toUnits(tokens.at[i]);
      const to = offsets.toUnits(tokens.at[i] + tokens.size[i]);
      const level = levelOf(tokens.p[i]);
      const range = view.range(from, to);
      mine[level].push(range);
      UNSURE_PAINTS[level].add(range);
    }
  }

  function apply() {
    chip.setAttribute("aria-pressed", String(on));
    key.hidden = !on;
    if (on) paint();
    else clear();
  }

  on = shown;
  apply();
  return {
    // What is on the screen, in code points.
    show(from, to) {
      if (seen[0] === from && seen[1] === to) return;
      seen = [from, to];
      if (on) paint();
    },
    names: () => (on ? [UNSURE] : []),
    set(next) {
      if (next !== on) {
        on = next;
        apply();
      }
    },
    destroy: clear,
  };
}
