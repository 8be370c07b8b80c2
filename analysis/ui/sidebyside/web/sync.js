// Columns that scroll together. The one that a person moves leads; the others follow by the
// sentences that correspond, or by a point that is lined up.

const SETTLE = 4; // blocks that were never on the screen have an estimated height at first

// The links of two columns, looked at from the first: sorted indices of one and of the other.
function linksBetween(links, from, to) {
  for (const { a, b, from: ofA, to: ofB } of links) {
    if (a === from && b === to) return [ofA, ofB];
    if (a === to && b === from) return [ofB, ofA];
  }
  return [[], []];
}

// The place in the text that is being read: its top at the top, further down below it, so that
// both ends of a text can be reached.
const READ = 0.3;
const reading = (scroll, height) => scroll + Math.min(READ * height, scroll);
const scrollFor = (place, height) =>
  place <= 2 * READ * height ? place / 2 : place - READ * height;

// From a place in one column to the place in another: straight between two corresponding sentences.
function carry(place, before, after) {
  const [fromStart, toStart] = before;
  const [fromEnd, toEnd] = after;
  if (fromEnd <= fromStart) return toStart;
  const share = Math.min(1, Math.max(0, (place - fromStart) / (fromEnd - fromStart)));
  return toStart + share * (toEnd - toStart);
}

function makeSync(columns, links, state) {
  const set = columns.map(() => null); // where we scrolled each column to ourselves
  let pending = 0;

  const extent = ({ pane }) => {
    const last = pane.lastElementChild;
    return last ? last.getBoundingClientRect().bottom - pane.getBoundingClientRect().top + pane.scrollTop : 0;
  };

  function sentenceAt(column, place) {
    const { pane, view } = column;
    return view.sentenceAtHeight(pane.getBoundingClientRect().top - pane.scrollTop + place);
  }

  function byText(lead, other) {
    const from = columns[lead];
    const to = columns[other];
    const [ofLead, ofOther] = linksBetween(links, lead, other);
    const place = reading(from.pane.scrollTop, from.pane.clientHeight);
    const now = sentenceAt(from, place);
    const next = countBelow(ofLead.length, (i) => ofLead[i] <= now);
    const anchor = (i) => {
      if (i < 0) return [0, 0];
      if (i >= ofLead.length) return [extent(from), extent(to)];
      return [from.top(ofLead[i]), to.top(ofOther[i])];
    };
    return scrollFor(carry(place, anchor(next - 1), anchor(next)), to.pane.clientHeight);
  }

  function byPoint(lead, other) {
    const [here, there] = [lead, other].map((at) => columns[at].points.place(state.mode));
    if (here === null || there === null) return null;
    return columns[lead].pane.scrollTop + there - here;
  }

  function move(index, top) {
    const { pane, soon } = columns[index];
    if (top === null) return;
    if (Math.abs(pane.scrollTop - top) >= 1) pane.scrollTop = top;
    set[index] = pane.scrollTop;
    soon();
  }

  function follow(lead, left = SETTLE) {
    cancelAnimationFrame(pending);
    if (state.mode === "apart" || columns[lead].data.absence) return;
    columns.forEach((column, other) => {
      if (other === lead || column.data.absence) return;
      move(other, state.mode === "text" ? byText(lead, other) : byPoint(lead, other));
    });
    if (left > 1) pending = requestAnimationFrame(() => follow(lead, left - 1));
  }

  // A scroll that we caused ourselves leads nobody.
  function scrolled(index) {
    const own = set[index] !== null && Math.abs(columns[index].pane.scrollTop - set[index]) < 2;
    if (own) return;
    set[index] = null;
    if (performance.now() - state.touchedAt < 400 && state.active !== index) return;
    state.lead = index;
    follow(index);
  }

  // All columns to where their point stands at one height, as low as the topmost allows.
  function lineUp(left = SETTLE) {
    const places = columns.map((column) => column.points.place(state.mode));
    const known = places.filter((place) => place !== null);
    if (!known.length) return;
    const height = columns[0].pane.clientHeight;
    const line = Math.min(0.4 * height, ...known);
    places.forEach((place, index) => place !== null && move(index, place - line));
    if (left > 1) requestAnimationFrame(() => lineUp(left - 1));
  }

  return { scrolled, follow, lineUp, destroy: () => cancelAnimationFrame(pending) };
}
