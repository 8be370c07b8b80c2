// A long text is readable at once: its blocks hold plain text until they come near the screen, are
// asked for, or the browser has time. What is in sight is always filled.

const SLICE_MS = 6; // of a frame, where the browser does not say how much time it has
const NEAR_BLOCKS = 2; // filled on each side of the screen

function makeFilling({ pane, text, hidden, blocks, stretch, pieces }) {
  const dressers = [];
  let left = blocks.length;
  let next = 0;
  let asked = 0;

  function fill(block) {
    if (block.nodes) return block;
    const { all, nodes, begun, ended } = stretch(block);
    block.nodes = nodes;
    block.box.replaceChildren(all);
    left--;
    dressers.forEach((dress) => dressRange(dress, begun, ended));
    return block;
  }

  function dressRange(dress, from, to) {
    for (let index = from; index < to; index++) if (pieces[index]) dress(pieces[index], index);
  }

  const numberAt = (unit) => Math.max(0, countBelow(blocks.length, (i) => blocks[i].from <= unit) - 1);

  // The block at a place, filled, and those up to another.
  function at(from, to = from + 1) {
    const first = numberAt(from);
    for (let number = first; number < blocks.length && (number === first || blocks[number].from < to); number++) {
      fill(blocks[number]);
    }
    return blocks[first];
  }

  const numberAtHeight = (height) =>
    Math.max(0, countBelow(blocks.length, (i) => top(blocks[i].box) <= height) - 1);

  function inSight() {
    if (!left) return;
    const frame = pane.getBoundingClientRect();
    const first = numberAtHeight(frame.top) - NEAR_BLOCKS;
    const last = numberAtHeight(frame.bottom) + NEAR_BLOCKS;
    blocks.slice(Math.max(0, first), last + 1).forEach(fill);
  }

  // The text as `fill` shows it, with marks for what one cannot see.
  function plainOf({ from, to }) {
    let shown = "";
    let since = from;
    for (let i = countBelow(hidden.length, (n) => hidden[n].at < from); i < hidden.length; i++) {
      if (hidden[i].at >= to) break;
      shown += text.slice(since, hidden[i].at) + hidden[i].mark;
      since = hidden[i].at + hidden[i].size;
    }
    return shown + text.slice(since, to);
  }

  // The offset of a place in such a plain text: marks are longer than what they stand for.
  function unitIn({ from, to }, offset) {
    let shown = 0;
    let since = from;
    for (let i = countBelow(hidden.length, (n) => hidden[n].at < from); i < hidden.length; i++) {
      const { at, size, mark } = hidden[i];
      if (at >= to || offset <= shown + at - since) break;
      shown += at - since + mark.length;
      since = at + size;
      if (offset < shown) return since;
    }
    return Math.min(to, since + offset - shown);
  }

  function slice(time) {
    asked = 0;
    const end = performance.now() + Math.min(SLICE_MS, time?.didTimeout === false ? time.timeRemaining() : SLICE_MS);
    while (next < blocks.length && performance.now() < end) fill(blocks[next++]);
    later();
  }

  function later() {
    if (next >= blocks.length || asked) return;
    asked = whenIdle(slice);
  }

  return {
    at,
    inSight,
    unitIn,
    later,
    all: () => blocks.forEach(fill),
    plain(placeOf) {
      for (const block of blocks) {
        const node = document.createTextNode(plainOf(block));
        placeOf.set(node, { plain: block });
        block.box.replaceChildren(node);
      }
    },
    // Block of the text that stands at a height of the screen; undefined in an empty text.
    atHeight: (height) => blocks.length ? fill(blocks[numberAtHeight(height)]) : undefined,
    // Calls `dress(piece, index)` for each piece that is there, and for each that comes.
    dress(dress) {
      dressers.push(dress);
      dressRange(dress, 0, pieces.length);
    },
    redress: () => dressers.forEach((dress) => dressRange(dress, 0, pieces.length)),
    destroy() {
      cancelIdle(asked);
    },
  };
}

const whenIdle = (act) =>
  window.requestIdleCallback ? window.requestIdleCallback(act, { timeout: 300 }) : setTimeout(act, 30);
const cancelIdle = (asked) =>
  window.cancelIdleCallback ? window.cancelIdleCallback(asked) : clearTimeout(asked);

// Something that can wait until the page has been painted; asked for twice, it is done once.
function afterPaint(act) {
  let frame = 0;
  let timer = 0;
  return {
    ask() {
      if (frame || timer) return;
      frame = requestAnimationFrame(() => {
        frame = 0;
        timer = setTimeout(() => {
          timer = 0;
          act();
        });
      });
    },
    destroy() {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      frame = timer = 0;
    },
  };
}
