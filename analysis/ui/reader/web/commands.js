// What buttons and keys do.

function makeCommands({ root, pane, data, offsets, view, findings, state, finder, layers, walk, place }) {
  const onTop = () => view.sentenceAtHeight(pane.getBoundingClientRect().top + 4);
  const labelNumber = (name) => {
    const number = data.labels.findIndex((label) => label.name === name);
    return number < 0 ? data.labels.length : number;
  };
  const findStep = (by) => finder.step(by, view.starts[onTop()] ?? 0);
  const help = root.querySelector("dialog");

  // The sentence of the finding one is at, else the marked one, else the one on top.
  function link() {
    if (!data.segmented || !data.starts.length) return place.copyLink(null);
    if (state.current >= 0) return place.copyLink(view.sentenceAt(findings[state.current].from));
    return place.copyLink(state.at ?? onTop());
  }

  function full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else root.requestFullscreen();
  }

  function showHelp() {
    const rows = KEY_HELP.flatMap(([keys, does]) => [element("dt", "", keys), element("dd", "", does)]);
    help.querySelector("dl").replaceChildren(...rows);
    help.showModal();
  }

  function escape() {
    walk.leave();
    place.mark(null);
    place.show();
    pane.focus({ preventScroll: true });
  }

  // Where the final answer first stood: its sentence, a quarter down from the top.
  function stood() {
    if (data.tail === null) return;
    const unit = offsets.toUnits(Math.max(0, data.tail - 1));
    scrollToUnits(pane, view, unit, unit + 1);
  }

  const buttons = {
    findOn: () => findStep(1),
    findBack: () => findStep(-1),
    on: () => walk.step(1),
    back: () => walk.step(-1),
    copy: () => place.copy(data.text, `${offsets.length.toLocaleString("en")} characters`),
    link,
    full,
    help: showHelp,
  };
  const keys = {
    j: () => walk.step(1),
    k: () => walk.step(-1),
    b: () => walk.step(1, labelNumber("backtracking")),
    B: () => walk.step(-1, labelNumber("backtracking")),
    v: () => walk.step(1, labelNumber("verification")),
    V: () => walk.step(-1, labelNumber("verification")),
    a: () => walk.step(1, labelNumber("candidate_answer")),
    A: () => walk.step(-1, labelNumber("candidate_answer")),
    e: stood,
    t: () => walk.thought(1),
    T: () => walk.thought(-1),
    l: link,
    f: full,
    "/": () => finder.field.focus(),
    "?": showHelp,
    Escape: escape,
  };
  for (let number = 1; number <= 9; number++) keys[number] = () => layers.toggle(number - 1);

  function inFindField(event) {
    if (event.key === "Enter") {
      event.preventDefault();
      findStep(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") escape();
  }

  return { buttons, keys, inFindField };
}
