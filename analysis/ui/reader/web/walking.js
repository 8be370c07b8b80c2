// Stepping from finding to finding, and where on the page one is.

function makeWalk({ findings, layers, view, pane, data, state, card, say }) {
  const shown = (finding, label) =>
    !finding.out && (label === undefined ? layers.has(finding.label) : finding.label === label);

  // The next (or previous) finding that is shown, from the current one or from what is on top.
  function step(by, label) {
    const list = findings.filter((finding) => shown(finding, label));
    if (!list.length) {
      say(label === undefined ? tr("No findings in the layers shown") : tr("No such finding in this trace"));
      return;
    }
    const from = origin();
    let next;
    if (by > 0) next = countBelow(list.length, (i) => !isAfter(list[i], from));
    else next = countBelow(list.length, (i) => isAfter(from, list[i])) - 1;
    const turned = next < 0 || next >= list.length;
    next = (next + list.length) % list.length;
    choose(findings.indexOf(list[next]));
    const { title } = data.labels[list[next].label];
    const lead = !turned ? "" : by > 0 ? tr("From the start again. ") : tr("From the end again. ");
    const place = tr("{label}: finding {n} of {all}", { label: title, n: next + 1, all: list.length });
    say(lead + place, card.words(list[next]));
  }

  function origin() {
    if (state.current >= 0) return { ...findings[state.current], order: state.current };
    const onTop = view.sentenceAtHeight(pane.getBoundingClientRect().top + 4);
    return { from: view.starts[onTop] - 1, to: 0, order: -1 };
  }

  const order = (finding) => finding.order ?? findings.indexOf(finding);
  function isAfter(one, other) {
    return one.from === other.from ? order(one) > order(other) : one.from > other.from;
  }

  let lit = [];
  function light(pieces) {
    lit.forEach((piece) => piece.classList.remove("current"));
    lit = pieces;
    lit.forEach((piece) => piece.classList.add("current"));
  }

  function showCard() {
    const finding = findings[state.current];
    if (!finding) return;
    const boxes = () => [...view.range(finding.from, finding.to).getClientRects()];
    const now = boxes();
    if (now.length) card.show([finding], now, () => boxes().filter(isBoxInSight));
  }

  function isBoxInSight(box) {
    const frame = pane.getBoundingClientRect();
    return box.bottom > frame.top && box.top < frame.bottom;
  }

  function choose(index) {
    state.current = index;
    const finding = findings[index];
    const range = view.range(finding.from, finding.to);
    light(view.piecesOf(finding.from, finding.to));
    if (isInSight(range)) showCard();
    else scrollToUnits(pane, view, finding.from, finding.to, showCard);
  }

  function isInSight(range) {
    const frame = pane.getBoundingClientRect();
    const box = range.getBoundingClientRect();
    return box.height > 0 && box.top > frame.top + 8 && box.top < frame.top + 0.7 * frame.height;
  }

  function leave() {
    state.current = -1;
    light([]);
    card.hide();
  }

  function thought(by) {
    const onTop = view.sentenceAtHeight(pane.getBoundingClientRect().top + 24);
    const now = countBelow(data.thoughts.length, (i) => data.thoughts[i] <= onTop) - 1;
    toThought(Math.min(data.thoughts.length - 1, Math.max(0, now + by)));
  }

  function toThought(next) {
    if (!data.thoughts.length) return;
    const start = view.starts[data.thoughts[next]];
    const blank = /^\s*/.exec(data.text.slice(start, start + 200))[0].length;
    scrollToUnits(pane, view, start + blank, start + blank + 1, undefined, 0);
    say(tr("Thought {n} of {all}", { n: next + 1, all: data.thoughts.length }));
  }

  return { step, choose, showCard, leave, thought, toThought };
}

// Bring a place a quarter down from the top. Twice at least: blocks that were never on the screen
// have only an estimated height.
function scrollToUnits(pane, view, from, to, then, share = 0.25) {
  const range = view.range(from, to);
  let left = 6;
  function nearer() {
    const box = range.getBoundingClientRect();
    const frame = pane.getBoundingClientRect();
    const by = box.top - frame.top - Math.max(8, frame.height * share);
    const before = pane.scrollTop;
    if (Math.abs(by) > 2) pane.scrollTop += by;
    left -= 1;
    if (left > 0 && pane.scrollTop !== before) requestAnimationFrame(nearer);
    else if (then) then();
  }
  nearer();
}

// The line below the text, and the frame in the strip.
function makeWatch({ root, pane, view, offsets, data, strip, unsure, minimap, outline }) {
  const where = root.querySelector(".where");
  let waiting = 0;

  function now() {
    waiting = 0;
    if (!data.starts.length) {
      where.textContent = "";
      return;
    }
    const frame = pane.getBoundingClientRect();
    view.filling.inSight();
    const first = view.sentenceAtHeight(frame.top + 4);
    const last = view.sentenceAtHeight(frame.bottom - 4);
    const atEnd = pane.scrollTop + pane.clientHeight >= pane.scrollHeight - 2;
    const begin = pane.scrollTop <= 2 ? 0 : data.starts[first];
    const end = atEnd ? offsets.length : data.starts[last];
    strip.show(begin, Math.max(begin, end));
    unsure.show(begin, Math.max(begin, end));
    minimap.show(begin, Math.max(begin, end));
    const parts = [];
    if (data.thoughts.length) {
      const thought = countBelow(data.thoughts.length, (i) => data.thoughts[i] <= first);
      parts.push(tr("Thought {n} of {all}", { n: thought, all: data.thoughts.length }));
      outline.at(thought - 1);
    }
    const at = { n: first + 1, all: data.starts.length };
    parts.push(data.segmented ? tr("sentence {n} of {all}", at) : tr("line {n} of {all}", at));
    parts.push(tr("{share} % read", { share: Math.round((100 * end) / Math.max(1, offsets.length)) }));
    const text = parts.join(" · ");
    where.textContent = text.charAt(0).toUpperCase() + text.slice(1);
  }

  return {
    now,
    soon() {
      if (!waiting) waiting = requestAnimationFrame(now);
    },
    destroy: () => cancelAnimationFrame(waiting),
  };
}
