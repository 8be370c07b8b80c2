// One reader: builds the parts, lets them talk to each other, and takes them apart again.
// Streamlit calls the default export at first and whenever data or theme change.

const MOUNTED = new WeakMap(); // parent element -> reader
const RECEIVED = new WeakMap(); // parent element -> what came last, as bytes and read

export default function ({ data: sent, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".reader");
  let reader = MOUNTED.get(parentElement);
  // Streamlit hands over the same again whenever the page runs.
  const before = reader && RECEIVED.get(parentElement);
  const known = before && sameBytes(before.sent, sent);
  const data = known ? before.data : readWire(sent);
  RECEIVED.set(parentElement, { sent, data });
  takeWords(root, data.words);
  if (data.people) {
    OUTBOX.send = (events) => setTriggerValue("events", events);
    settleOutbox(data.people.acks);
  }
  const same = reader && reader.root === root && reader.data.id === data.id && reader.data.text === data.text;
  const rebuild = (next) => {
    // The same text drawn anew: one stays where one is.
    const keep = reader && reader.data.id === next.id ? reader.place() : null;
    if (keep && newFocus(reader.data, next)) keep.next = next.people.focus;
    if (reader) reader.destroy();
    reader = makeReader(root, next, rebuild, keep);
    MOUNTED.set(parentElement, reader);
  };
  if (same && known) reader.themed();
  else if (same && reader.data.language === data.language && sameSpans(reader.data, data)) reader.update(data);
  else rebuild(data);
  return () => {
    MOUNTED.delete(parentElement);
    RECEIVED.delete(parentElement);
    reader.destroy();
  };
}

// Whether a queue has gone on to another finding (of the same trace).
function newFocus(before, next) {
  const focus = next.people?.focus;
  return Boolean(focus) && focus.join() !== (before.people?.focus ?? []).join();
}

function sameSpans(one, other) {
  const alike = (list, others, names) =>
    list.length === others.length &&
    list.every((item, index) => names.every((name) => item[name] === others[index][name]));
  return (
    alike(one.labels, other.labels, ["name"]) &&
    alike(one.findings, other.findings, ["start", "end", "label", "value"])
  );
}

// `given` is what Python sent; keep is where one was (null: at the beginning).
function makeReader(root, given, rebuild, keep) {
  const data = { ...given };
  const pane = root.querySelector(".text");
  const said = root.querySelector(".said");
  const anchor = root.querySelector(".anchor");
  const offsets = makeOffsets(data.text);
  const stop = new AbortController();
  const listen = (target, kind, act) => target.addEventListener(kind, act, { signal: stop.signal });
  const goTo = (point) => {
    const unit = offsets.toUnits(point);
    scrollToUnits(pane, view, unit, unit + 1);
  };

  root.classList.toggle("compact", data.compact);
  root.classList.toggle("absent", Boolean(data.absence));
  root.classList.toggle("annotated", Boolean(data.people));
  setTheme(root);
  takeLeast(data);
  const rules = element("style", "", layerRules(data.labels));
  root.append(rules);
  const typeset = makeTypeset(pane, data, offsets);
  const view = makeTextView(pane, data, offsets, typeset, true);
  typeset.start(root);
  const findings = data.findings.map((finding) => ({
    ...finding,
    from: offsets.toUnits(finding.start),
    to: offsets.toUnits(finding.end),
  }));
  markLanguages(findings, view);
  const card = makeCard(root, data.labels, pane);
  const menu = makeMenu(root);
  const state = { current: -1, at: null };
  // ``more`` is heard and not seen: it stands in the card.
  const say = (text, more = "") => {
    said.textContent = "";
    said.textContent = text;
    if (more) said.append(element("span", "more", `. ${more}`));
  };

  const states = makeStates({ root, data, findings, view, nameNow: () => nameFor(data) });
  states.apply();
  const layers = makeLayers(root, data.labels, root.querySelector(".chips"), (names) => {
    rememberLayers(data, names);
    if (data.compact) shareLayers(reader);
    layersChanged();
  });
  const parts = { root, pane, data, offsets, view, findings, state, layers, states, menu, card, say, listen };
  const strip = makeStrip({ ...parts, canvas: root.querySelector(".strip"), goTo });
  const probes = makeProbes({ ...parts, goTo });
  const unsure = makeUnsure({
    ...parts,
    shown: layersToShow(data).includes(UNSURE),
    changed(on) {
      CHOSEN.layers = (CHOSEN.layers ?? layers.names()).filter((name) => name !== UNSURE);
      if (on) CHOSEN.layers.push(UNSURE);
      place.show();
    },
  });
  const minimap = makeMinimap({ ...parts, canvas: root.querySelector(".minimap"), goTo });
  const finder = makeFinder(root, data.text, view, (start, end) => scrollToUnits(pane, view, start, end));
  const place = makePlace({ ...parts, layers: { names: () => [...layers.names(), ...unsure.names()] } });
  const walk = makeWalk(parts);
  const outline = makeOutline({ ...parts, goTo: (index) => walk.toThought(index), choose: walk.choose });

  // What is shown of the findings has changed: by a layer, a score, a person.
  function redrawn() {
    states.apply();
    strip.draw();
    probes.draw();
    minimap.draw();
    outline.changed();
    if (state.current >= 0 && !card.element.hidden) walk.showCard();
    nameButtons();
  }

  function layersChanged() {
    card.hide();
    strip.draw();
    minimap.draw();
    outline.changed();
    place.show();
  }

  const annotate = makeAnnotate({ ...parts, redrawn });
  function nameButtons() {
    root.querySelector('[data-do="whose"]').textContent =
      { all: tr("Show: all"), mine: tr("Show: mine"), machine: tr("Show: machine") }[CHOSEN.whose];
    root.querySelector('[data-do="name"]').textContent = annotate.nameNow() || tr("Your name");
  }
  const scores = makeScores({
    ...parts,
    changed() {
      redrawn();
      place.show();
    },
  });
  const watch = makeWatch({ ...parts, strip, unsure, minimap, outline });
  const rest = afterPaint(view.filling.later);
  const commands = makeCommands({
    ...parts, finder, walk, place, annotate, scores, outline, redraw: () => rebuild(data),
  });
  listenToText({ ...parts, anchor, walk, place });
  listen(root, "pointerdown", () => focusReader(reader));
  listen(root, "focusin", () => focusReader(reader));
  listen(pane, "scroll", () => {
    view.filling.inSight(); // before this frame is painted
    watch.soon();
    card.scrolled();
  });
  const resized = new ResizeObserver(card.moved);
  resized.observe(pane);
  root.querySelectorAll("[data-do]").forEach((button) => {
    listen(button, "click", () => commands.buttons[button.dataset.do]());
  });
  listen(finder.field, "keydown", (event) => {
    event.stopPropagation(); // letters here are no shortcuts of the page
    commands.inFindField(event);
  });
  // Pressing a button must not lose the selection that it is about.
  listen(root.querySelector(".annotating"), "mousedown", (event) => event.preventDefault());

  const reader = {
    root,
    data,
    commands: commands.keys,
    compact: data.compact,
    showLayers() {
      layers.set(layersToShow(data));
      layersChanged();
    },
    place: () => ({
      top: pane.scrollTop,
      at: state.at,
      next: state.current >= 0 ? keyOf(findings[state.current]) : null,
    }),
    themed() {
      setTheme(root);
      redrawn();
    },
    update(next) {
      setTheme(root);
      if (next.at !== data.at && next.at !== state.at) place.mark(next.at, true);
      next.findings.forEach(({ status, by, was, orphan }, index) =>
        Object.assign(findings[index], { status, by, was, orphan }));
      const goOn = newFocus(data, next);
      Object.assign(data, next);
      annotate.pendingPaint(null);
      layers.set(layersToShow(data));
      redrawn();
      if (goOn) chooseKey(data.people.focus);
      fillSide(root, data, goTo);
      tellFault();
    },
    destroy() {
      stop.abort();
      resized.disconnect();
      removeReader(reader);
      annotate.pendingPaint(null);
      [layers, strip, probes, unsure, minimap, outline, finder, card, menu, watch, typeset, view.filling, rest].forEach((part) =>
        part.destroy());
      rules.remove();
      pane.replaceChildren();
      said.textContent = "";
      anchor.hidden = true;
    },
  };

  const keyOf = ({ start, end, label }) => [start, end, data.labels[label].name];
  function chooseKey(key) {
    const [start, end, name] = key;
    const fits = (f) => data.labels[f.label].name === name && f.start < end && start < f.end;
    const exact = findings.findIndex((f) => fits(f) && f.start === start && f.end === end);
    const index = exact >= 0 ? exact : findings.findIndex(fits);
    if (index < 0) return false;
    if (!layers.has(findings[index].label)) layers.show(name);
    walk.choose(index);
    return true;
  }

  // What was asked for before the text was drawn anew is there.
  function sayKept({ label, from, to }) {
    const words = withMarks(data.text.slice(from, to)).slice(0, 60);
    say(tr("{label} stands on “{words}”", { label: data.labels[label].title, words }));
  }

  function tellFault() {
    if (data.people?.fault) say(data.people.fault);
  }

  function begin() {
    pane.scrollTop = keep ? keep.top : 0;
    if (keep) {
      if (keep.at !== null) place.mark(keep.at, false);
      const next = CHOSEN.next ?? keep.next;
      if (next && chooseKey(next) && CHOSEN.next) sayKept(findings[state.current]);
      CHOSEN.next = null;
      return;
    }
    place.mark(data.at, true);
    if (data.people?.focus) chooseKey(data.people.focus);
  }

  addReader(reader);
  fillSide(root, data, goTo);
  fillLegend(root, data);
  layers.set(layersToShow(data));
  tidyAddress();
  begin();
  if (CHOSEN.layers) place.show();
  nameButtons();
  watch.now();
  tellFault();
  rest.ask();
  return reader;
}

function setTheme(root) {
  const [red, green, blue] = getComputedStyle(root).backgroundColor.match(/[\d.]+/g).map(Number);
  root.classList.toggle("dark", 0.3 * red + 0.6 * green + 0.1 * blue < 128);
}

// What tests call without a page.
export { findAll, findHidden, makeOffsets, statusOf, withMarks };
