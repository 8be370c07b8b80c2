// What another column has of a sentence: its counterpart, and the way to the next that has none.

function makeShared(columns, links, state, { say, follow }) {
  let lit = [];

  function light(elements) {
    lit.forEach((sentence) => sentence.classList.remove("twin"));
    lit = elements;
    lit.forEach((sentence) => sentence.classList.add("twin"));
  }

  // [column, sentence] of each counterpart.
  function counterparts(index, sentence) {
    const found = [];
    columns.forEach((_, other) => {
      if (other === index) return;
      const [ofThis, ofOther] = linksBetween(links, index, other);
      const at = countBelow(ofThis.length, (i) => ofThis[i] < sentence);
      if (ofThis[at] === sentence) found.push([other, ofOther[at]]);
    });
    return found;
  }

  function pointed(index, sentence, bring) {
    if (sentence === null) return light([]);
    const found = counterparts(index, sentence);
    const own = found.length ? [columns[index].elements[sentence]] : [];
    light([...own, ...found.map(([other, at]) => columns[other].elements[at])]);
    if (!bring) return;
    const { pane } = columns[index];
    const height = columns[index].top(sentence) - pane.scrollTop;
    found.forEach(([other, at]) => {
      columns[other].pane.scrollTop = columns[other].top(at) - height;
    });
    say(found.length ? trn("{n} counterpart", "{n} counterparts", found.length) : tr("No counterpart"));
  }

  // Beginnings of passages that only this column has. Blank lines and marks do not begin one.
  function beginnings({ level, data, view }) {
    const hasWords = (at) => {
      const end = view.starts[at + 1] ?? data.text.length;
      return /[\p{L}\p{N}]/u.test(data.text.slice(view.starts[at], end));
    };
    return level.flatMap((now, at) =>
      now === 0 && (at === 0 || level[at - 1] !== 0) && hasWords(at) ? [at] : [],
    );
  }

  function step(by) {
    const column = columns[state.active];
    const list = beginnings(column);
    if (!list.length) return say(tr("Nothing stands in this column alone"));
    const { pane, view, elements } = column;
    const height = 0.25 * pane.clientHeight;
    const passed = column.passed ?? -1;
    const inSight = passed >= 0 && Math.abs(column.top(passed) - pane.scrollTop - height) < 40;
    const now = inSight ? passed : view.sentenceAtHeight(pane.getBoundingClientRect().top + 4);
    let next = countBelow(list.length, (i) => (by > 0 ? list[i] <= now : list[i] < now));
    if (by < 0) next -= 1;
    if (by > 0 && !inSight && list[next - 1] === now) next -= 1;
    next = (next + list.length) % list.length;
    column.passed = list[next];
    const from = view.starts[list[next]];
    scrollToUnits(pane, view, from, from + 1, () => follow(state.active));
    light([elements[list[next]]]);
    say(tr("{name}: passage {n} of {all} that only this one has", { name: column.data.name, n: next + 1, all: list.length }));
  }

  return { pointed, step };
}
