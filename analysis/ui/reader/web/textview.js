// The text as elements: blocks of whole lines > sentences > highlighted pieces > text nodes.
// Only text nodes carry data, so nothing in a trace is ever read as markup.

const BLOCK_UNITS = 1200;
const LAZY_UNITS = 20000; // longer texts lay out only what is near the screen
const LINE_UNITS = 80;

// `lazily`: a long text stands in its blocks as plain text first and gets its elements block by block
// (filling.js); whoever asks for a place finds it filled.
function makeTextView(pane, data, offsets, typeset, lazily = false) {
  const { text } = data;
  const hidden = findHidden(text);
  const starts = data.starts.map(offsets.toUnits);
  const cut = data.segments.map(([start, end, combination]) => ({
    start: offsets.toUnits(start),
    end: offsets.toUnits(end),
    labels: data.combinations[combination],
  }));
  const segments = joinFormulas(cut, typeset.formulas, starts);
  const thoughtOf = new Map(data.thoughts.map((sentence, index) => [sentence, index]));
  const placeOf = new WeakMap(); // text node -> where it begins and how much of the text it is
  const pieces = []; // the element of each segment; a hole where its block is not filled yet
  let nodes = []; // text nodes in order, of the block that is being filled
  let nextHidden = 0;
  let nextFormula = 0;

  function putNode(parent, shown, start, size) {
    const node = document.createTextNode(shown);
    const place = { node, start, size, exact: shown.length === size };
    placeOf.set(node, place);
    nodes.push(place);
    parent.append(node);
  }

  // Formulas that lie in this stretch whole are set; one that a sentence cuts through stays raw.
  function putText(parent, from, to) {
    const { formulas } = typeset;
    while (nextFormula < formulas.length && formulas[nextFormula].from < to) {
      const formula = formulas[nextFormula];
      if (formula.from >= from && formula.to > to) break; // its end is in a later stretch
      nextFormula++;
      if (formula.from < from) continue;
      if (from < formula.from) putPlain(parent, from, formula.from);
      putPlain(typeset.box(parent, formula), formula.from, formula.to);
      from = formula.to;
    }
    if (from < to) putPlain(parent, from, to);
  }

  function putPlain(parent, from, to) {
    while (nextHidden < hidden.length && hidden[nextHidden].at < to) {
      const { at, size, mark } = hidden[nextHidden++];
      if (from < at) putNode(parent, text.slice(from, at), from, at - from);
      const lineEnd = mark === "⟦U+000D⟧" && text[at + 1] === "\n";
      const shown = element("span", lineEnd ? "mark faint" : "mark");
      shown.title = tr("An invisible character, shown as a mark");
      parent.append(shown);
      putNode(shown, mark, at, size);
      from = at + size;
    }
    if (from < to) putNode(parent, text.slice(from, to), from, to - from);
  }

  function putSegment(parent, index, from, to) {
    const outer = element("span", "g");
    outer.dataset.g = index;
    outer.dataset.labels = segments[index].labels.map((label) => data.labels[label].name).join(" ");
    let inner = outer;
    segments[index].labels.forEach((label, depth) => {
      if (depth) {
        const nested = element("span", "");
        inner.append(nested);
        inner = nested;
      }
      inner.classList.add(`l-${label}`, `d-${Math.min(depth, 3)}`);
    });
    putText(inner, from, to);
    pieces[index] = outer;
    parent.append(outer);
  }

  let nextSegment = 0;
  function putSentence(parent, index, from, to) {
    const sentence = element("span", "s");
    sentence.id = `s${index}`;
    sentence.dataset.s = index;
    if (thoughtOf.has(index)) {
      from = putThought(sentence, thoughtOf.get(index), from, to);
    }
    while (nextSegment < segments.length && segments[nextSegment].start < to) {
      const { start, end } = segments[nextSegment];
      if (from < start) putText(sentence, from, start);
      putSegment(sentence, nextSegment++, Math.max(from, start), end);
      from = end;
    }
    if (from < to) putText(sentence, from, to);
    parent.append(sentence);
  }

  // The thought's number stands in the margin, beside the first word and not beside the blank
  // lines before it.
  function putThought(sentence, thought, from, to) {
    const blank = from + /^\s*/.exec(text.slice(from, Math.min(to, from + 200)))[0].length;
    const border = segments[nextSegment] ? segments[nextSegment].start : to;
    const until = Math.min(blank, border);
    if (from < until) putText(sentence, from, until);
    const number = element("span", "thought");
    number.id = `t${thought}`;
    number.dataset.number = thought + 1;
    number.title = tr("Thought {n} begins here", { n: thought + 1 });
    sentence.append(number);
    return Math.max(from, until);
  }

  // The elements of a stretch of whole sentences, and its text nodes.
  function stretch({ from, to, first, last }) {
    const all = document.createDocumentFragment();
    nodes = [];
    nextHidden = countBelow(hidden.length, (i) => hidden[i].at < from);
    nextFormula = countBelow(typeset.formulas.length, (i) => typeset.formulas[i].from < from);
    nextSegment = countBelow(segments.length, (i) => segments[i].start < from);
    const begun = nextSegment;
    for (let index = first; index < last; index++) {
      putSentence(all, index, starts[index], index + 1 < last ? starts[index + 1] : to);
    }
    return { all, nodes, begun, ended: nextSegment };
  }

  // The pieces of a finding, as first and behind the last: segments never cross its borders, but
  // for a formula that is set.
  function pieceRange(from, to) {
    const first = countBelow(segments.length, (i) => segments[i].end <= from);
    const last = countBelow(segments.length, (i) => segments[i].start < to);
    return [first, last];
  }
  const blocks = data.absence ? [] : cutBlocks(text, starts);
  if (data.absence) pane.replaceChildren(element("div", "absence", data.absence));
  else pane.replaceChildren(...blocks.map((block) => block.box));
  pane.classList.toggle("lazy", text.length > LAZY_UNITS);
  const filling = makeFilling({ pane, text, hidden, blocks, stretch, pieces });
  if (lazily && text.length > LAZY_UNITS) filling.plain(placeOf);
  else filling.all();
  const piecesOf = (from, to) => {
    filling.at(from, to);
    return pieces.slice(...pieceRange(from, to));
  };
  return { starts, segments, piecesOf, pieceRange, filling, ...places(pane, text, filling, placeOf, starts) };
}

// Blocks of whole lines: a block may only end where a line does, or the page would show a line
// break of its own.
function cutBlocks(text, starts) {
  const blocks = [];
  let first = 0;
  let lines = 0;
  starts.forEach((from, index) => {
    const to = index + 1 < starts.length ? starts[index + 1] : text.length;
    lines += Math.max(1, Math.ceil((to - from) / LINE_UNITS));
    const begun = starts[first];
    const full = to - begun >= BLOCK_UNITS && text[to - 1] === "\n";
    if (!full && index + 1 < starts.length) return;
    const box = element("div", "block");
    box.style.setProperty("--lines", lines);
    blocks.push({ box, from: begun, to, first, last: index + 1, nodes: null });
    first = index + 1;
    lines = 0;
  });
  return blocks;
}

// Between places on the page and offsets of the text (UTF-16 units).
function places(pane, text, filling, placeOf, starts) {
  function nodeAt(unit) {
    const { nodes } = filling.at(unit);
    return nodes[Math.max(0, countBelow(nodes.length, (i) => nodes[i].start <= unit) - 1)];
  }

  function range(start, end) {
    const made = document.createRange();
    const first = nodeAt(start);
    const last = nodeAt(Math.max(start, end - 1));
    made.setStart(first.node, first.exact ? start - first.start : 0);
    made.setEnd(last.node, last.exact ? end - last.start : last.node.length);
    return made;
  }

  // The offset of a border of a selection; null outside the text.
  function unitAt(node, offset) {
    if (node.nodeType !== Node.TEXT_NODE) {
      const walker = document.createTreeWalker(pane, NodeFilter.SHOW_TEXT);
      const child = node.childNodes[offset];
      walker.currentNode = child ?? node;
      if (child && child.nodeType === Node.TEXT_NODE) return unitAt(child, 0);
      const next = child || offset === 0 ? walker.nextNode() : lastTextAfter(walker, node);
      return next ? unitAt(next, 0) : text.length;
    }
    const place = placeOf.get(node);
    if (place === undefined) {
      const raw = node.parentElement?.closest(".math")?.querySelector(".raw")?.firstChild;
      return raw && raw !== node ? unitAt(raw, 0) : null;
    }
    if (place.plain) return filling.unitIn(place.plain, offset);
    return place.start + (place.exact ? offset : offset > 0 ? place.size : 0);
  }

  function sentenceAt(unit) {
    return countBelow(starts.length, (i) => starts[i] <= unit) - 1;
  }

  function sentenceElement(index) {
    if (index < starts.length) filling.at(starts[index]);
    return pane.querySelector(`#s${index}`);
  }

  // The sentence that stands at a height of the screen.
  function sentenceAtHeight(height) {
    const block = filling.atHeight(height);
    if (!block) return 0;
    const inside = block.box.children;
    const at = Math.max(0, countBelow(inside.length, (i) => top(inside[i]) <= height) - 1);
    return Number(inside[at].dataset.s);
  }

  return { range, unitAt, sentenceAt, sentenceElement, sentenceAtHeight };
}

// The first text node behind an element and all that is in it.
function lastTextAfter(walker, node) {
  let inside = walker.nextNode();
  while (inside && node.contains(inside)) inside = walker.nextNode();
  return inside;
}

function top(node) {
  return node.getBoundingClientRect().top;
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}
