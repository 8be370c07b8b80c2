// What buttons and keys do.

function makeCommands({
  root, pane, data, offsets, view, findings, state, finder, layers, walk, place, annotate, scores, outline,
  redraw, say,
}) {
  const onTop = () => view.sentenceAtHeight(pane.getBoundingClientRect().top + 4);
  const labelNumber = (name) => {
    const number = data.labels.findIndex((label) => label.name === name);
    return number < 0 ? data.labels.length : number;
  };
  const findStep = (by) => finder.step(by, view.starts[onTop()] ?? 0);
  const help = root.querySelector("dialog.help");

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
    const rows = KEY_HELP.flatMap(([keys, does]) => [element("dt", "", keys), element("dd", "", tr(does))]);
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

  // The formulas are loaded first, so that a fault leaves the text as it is.
  async function typeset() {
    if (!data.math.length) return say(tr("No formulas in this text"));
    try {
      if (!CHOSEN.typeset) await loadKatex();
    } catch {
      return say(tr("Formulas cannot be set here. Start the app with: cotscope app"));
    }
    CHOSEN.typeset = !CHOSEN.typeset;
    redraw();
    say(CHOSEN.typeset ? tr("Formulas typeset") : tr("Formulas as written"));
  }

  function raw() {
    CHOSEN.raw = !CHOSEN.raw;
    showRaw();
    say(CHOSEN.raw ? tr("Raw text") : tr("Text with layers"));
  }

  function showRaw() {
    root.classList.toggle("raw", CHOSEN.raw && !data.compact);
    const pressed = { raw: CHOSEN.raw, typeset: CHOSEN.typeset };
    Object.entries(pressed).forEach(([name, on]) =>
      root.querySelector(`[data-do="${name}"]`).setAttribute("aria-pressed", String(on)));
  }
  showRaw();

  const buttons = {
    findOn: () => findStep(1),
    findBack: () => findStep(-1),
    on: () => walk.step(1),
    back: () => walk.step(-1),
    copy: () => place.copy(data.text, tr("{n} characters", { n: offsets.length.toLocaleString("en") })),
    link,
    full,
    help: showHelp,
    outline: outline.toggle,
    scores: () => scores.toggle(),
    typeset,
    raw,
    ...annotate.buttons,
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
    ">": () => walk.step(1, findings[state.current]?.label),
    "<": () => walk.step(-1, findings[state.current]?.label),
    e: stood,
    t: () => walk.thought(1),
    T: () => walk.thought(-1),
    l: link,
    f: full,
    "/": () => finder.field.focus(),
    "?": showHelp,
    ...(data.compact ? {} : { 0: raw, $: typeset, ".": buttons.scores, o: outline.toggle }),
    Escape: escape,
  };
  if (data.people) {
    Object.entries(ANNOTATE_KEYS).forEach(([key, name]) => (keys[key] = annotate.buttons[name]));
  }
  for (let number = 1; number <= 9; number++) keys[number] = () => layers.toggle(number - 1);

  function inFindField(event) {
    if (event.key === "Enter") {
      event.preventDefault();
      findStep(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") escape();
  }

  return { buttons, keys, inFindField };
}
