// Keyboard. Keys go to the reader that was touched last (Compare shows several), never while
// someone types in a field.

const READERS = new Set();
let focused = null;

function focusReader(reader) {
  focused = reader;
}

function addReader(reader) {
  if (!READERS.size) document.addEventListener("keydown", onKey);
  READERS.add(reader);
  if (!focused || !READERS.has(focused)) focused = reader;
}

function removeReader(reader) {
  READERS.delete(reader);
  if (focused === reader) focused = READERS.values().next().value ?? null;
  if (!READERS.size) document.removeEventListener("keydown", onKey);
}

function onKey(event) {
  if (!focused || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const target = event.composedPath()[0];
  if (target instanceof Element && target.closest("input, textarea, select, [contenteditable]")) {
    return;
  }
  const command = focused.commands[event.key];
  if (!command || document.querySelector('[data-testid="stDialog"]')) return;
  if (focused.root.querySelector("dialog[open]")) return;
  event.preventDefault();
  command();
}

const KEY_HELP = [
  ["j / k", N_("next / previous finding of the layers shown")],
  ["b / v", N_("next backtracking / verification (with Shift: previous)")],
  ["a", N_("next candidate answer (with Shift: previous)")],
  ["> / <", N_("next / previous finding of the same label")],
  ["e", N_("where the final answer first stood")],
  ["t", N_("next thought (with Shift: previous)")],
  ["1 … 9", N_("show or hide a layer")],
  ["0", N_("raw text: nothing but the characters, and back")],
  ["$", N_("formulas typeset, and back")],
  [".", N_("least score of each label")],
  ["o", N_("outline of the thoughts")],
  ["/", N_("find in the text; Enter and Shift+Enter step through")],
  ["l", N_("copy a link to the sentence that is marked or on top")],
  ["f", N_("full screen")],
  ["y / x", N_("the finding is right / wrong")],
  ["i", N_("add a label to the selected text, or to the sentence one is at")],
  ["s", N_("the finding covers the selected text")],
  ["w", N_("write a comment on the finding, the selection, or the trace")],
  ["m", N_("mark the trace with a tag")],
  ["d", N_("done: the trace was gone through for the layers shown")],
  ["u", N_("undo what you did last on this trace")],
  ["h", N_("whose findings: all, mine, the analyzers'")],
  ["n / p", N_("next / previous trace of the list or place of the queue; g: next open one")],
  ["Esc", N_("close the card, leave the find field, unmark the sentence")],
  ["?", N_("this help")],
];
