// The find field: matches are painted with the CSS Custom Highlight API, so the page's elements
// stay as they are. The painted sets are shared by all readers of the page.

const CAN_PAINT = typeof Highlight === "function" && "highlights" in CSS;
const PAINTS = CAN_PAINT ? { find: new Highlight(), here: new Highlight(), added: new Highlight() } : {};
if (CAN_PAINT) PAINTS.here.priority = 1;
Object.entries(PAINTS).forEach(([name, paint]) => CSS.highlights.set(`cot-${name}`, paint));

// One reader's part of a painted set.
function makePaint(name) {
  if (!CAN_PAINT) return () => {}; // an old browser still counts and scrolls to matches
  let mine = [];
  return (ranges) => {
    mine.forEach((range) => PAINTS[name].delete(range));
    mine = ranges;
    mine.forEach((range) => PAINTS[name].add(range));
  };
}

function makeFinder(root, text, view, goTo) {
  const field = root.querySelector(".find input");
  const count = root.querySelector(".matches");
  const paintAll = makePaint("find");
  const paintHere = makePaint("here");
  let found = [];
  let here = -1;
  let waiting = 0;

  function search() {
    waiting = 0;
    found = findAll(text, field.value);
    here = -1;
    paintAll(found.map(([start, end]) => view.range(start, end)));
    paintHere([]);
    tell();
  }

  function tell() {
    const many = found.length === MOST_MATCHES ? `${found.length}+` : `${found.length}`;
    if (!field.value.trim()) count.textContent = "";
    else count.textContent = here < 0 ? many : tr("{at} of {many}", { at: here + 1, many });
  }

  function step(by, from) {
    if (!found.length) return;
    if (here < 0) {
      const next = countBelow(found.length, (i) => found[i][0] < from);
      here = by > 0 ? next : next - 1;
    } else here += by;
    here = (here + found.length) % found.length;
    const [start, end] = found[here];
    paintHere([view.range(start, end)]);
    tell();
    goTo(start, end);
  }

  function onInput() {
    clearTimeout(waiting);
    waiting = setTimeout(search, 120);
  }
  field.addEventListener("input", onInput);

  return {
    field,
    step(by, from) {
      if (waiting) {
        clearTimeout(waiting);
        search();
      }
      step(by, from);
    },
    destroy() {
      clearTimeout(waiting);
      field.removeEventListener("input", onInput);
      field.value = "";
      paintAll([]);
      paintHere([]);
      tell();
    },
  };
}
