// Buttons and keys of the columns.

const SIDE_KEYS = [
  ["d", "next passage that only this column has (with Shift: previous)"],
  ["s", "scroll together by what the texts say"],
  ["c / e", "line up where the correct / the final answer first stood"],
  ["x", "scroll each column by itself"],
  ["← / →", "go to the column to the left / right"],
  ["j / k", "next / previous finding of the layers shown, in this column"],
  ["a / b / v", "next candidate answer / backtracking / verification (with Shift: previous)"],
  ["1 … 9", "show or hide a layer"],
  ["N / P", "next / previous question"],
  ["double click", "bring the counterparts of a sentence to its height"],
  ["f", "full screen"],
  ["Esc", "close the card"],
  ["?", "this help"],
];

function makeSideCommands({ root, columns, labels, layers, shared, state, setMode, touched }) {
  const help = root.querySelector("dialog");
  const walk = () => columns[state.active].walk;
  const number = (name) => {
    const found = labels.findIndex((label) => label.name === name);
    return found < 0 ? labels.length : found;
  };

  function showHelp() {
    const rows = SIDE_KEYS.flatMap(([keys, does]) => [element("dt", "", keys), element("dd", "", does)]);
    help.querySelector("dl").replaceChildren(...rows);
    help.showModal();
  }

  function full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else root.requestFullscreen();
  }

  function besides(by) {
    const next = Math.min(columns.length - 1, Math.max(0, state.active + by));
    touched(next);
    columns[next].pane.focus({ preventScroll: true });
  }

  const keys = {
    d: () => shared.step(1),
    D: () => shared.step(-1),
    s: () => setMode("text"),
    c: () => setMode("right"),
    e: () => setMode("tail"),
    x: () => setMode("apart"),
    ArrowLeft: () => besides(-1),
    ArrowRight: () => besides(1),
    j: () => walk().step(1),
    k: () => walk().step(-1),
    f: full,
    "?": showHelp,
    Escape: () => columns.forEach((column) => column.walk.leave()),
  };
  for (const [key, label] of [["a", "candidate_answer"], ["b", "backtracking"], ["v", "verification"]]) {
    keys[key] = () => walk().step(1, number(label));
    keys[key.toUpperCase()] = () => walk().step(-1, number(label));
  }
  for (let at = 1; at <= 9; at++) keys[at] = () => layers.toggle(at - 1);

  const buttons = { on: keys.d, back: keys.D, full, help: showHelp };
  return { keys, buttons };
}
