// Buttons and keys of the columns.

const SIDE_KEYS = [
  ["d", N_("next passage that only this column has (with Shift: previous)")],
  ["s", N_("scroll together by what the texts say")],
  ["c / e", N_("line up where the correct / the final answer first stood")],
  ["x", N_("scroll each column by itself")],
  ["← / →", N_("go to the column to the left / right")],
  ["j / k", N_("next / previous finding of the layers shown, in this column")],
  ["a / b / v", N_("next candidate answer / backtracking / verification (with Shift: previous)")],
  ["1 … 9", N_("show or hide a layer")],
  ["N / P", N_("next / previous question")],
  ["double click", N_("bring the counterparts of a sentence to its height")],
  ["f", N_("full screen")],
  ["Esc", N_("close the card")],
  ["?", N_("this help")],
];

function makeSideCommands({ root, columns, labels, layers, shared, state, setMode, touched }) {
  const help = root.querySelector("dialog");
  const walk = () => columns[state.active].walk;
  const number = (name) => {
    const found = labels.findIndex((label) => label.name === name);
    return found < 0 ? labels.length : found;
  };

  function showHelp() {
    const rows = SIDE_KEYS.flatMap(([keys, does]) => [element("dt", "", keys), element("dd", "", tr(does))]);
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
