// One reader: builds the parts, lets them talk to each other, and takes them apart again.
// Streamlit calls the default export at first and whenever data or theme change.

const MOUNTED = new WeakMap(); // parent element -> reader

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".reader");
  let reader = MOUNTED.get(parentElement);
  const same = reader && reader.root === root && reader.data.id === data.id && reader.data.text === data.text;
  if (same && JSON.stringify(reader.data.findings) === JSON.stringify(data.findings)) {
    reader.update(data);
  } else {
    if (reader) reader.destroy();
    reader = makeReader(root, data);
    MOUNTED.set(parentElement, reader);
  }
  return () => {
    MOUNTED.delete(parentElement);
    reader.destroy();
  };
}

function makeReader(root, data) {
  const pane = root.querySelector(".text");
  const said = root.querySelector(".said");
  const anchor = root.querySelector(".anchor");
  const offsets = makeOffsets(data.text);
  const stop = new AbortController();
  const listen = (target, kind, act) => target.addEventListener(kind, act, { signal: stop.signal });

  root.classList.toggle("compact", data.compact);
  root.classList.toggle("absent", Boolean(data.absence));
  setTheme(root);
  const rules = element("style", "", layerRules(data.labels));
  root.append(rules);
  const view = makeTextView(pane, data, offsets);
  const findings = data.findings.map((finding) => ({
    ...finding,
    from: offsets.toUnits(finding.start),
    to: offsets.toUnits(finding.end),
  }));
  markLanguages(findings, view);
  const card = makeCard(root, data.labels);
  const state = { current: -1, at: null };

  const layers = makeLayers(root, data.labels, root.querySelector(".chips"), (names) => {
    rememberLayers(data, names);
    if (data.compact) shareLayers(reader);
    layersChanged();
  });
  const strip = makeStrip(root.querySelector(".strip"), data, offsets, layers, listen, (point) => {
    const unit = offsets.toUnits(point);
    scrollToUnits(pane, view, unit, unit + 1);
  });
  const finder = makeFinder(root, data.text, view, (start, end) => scrollToUnits(pane, view, start, end));

  const say = (text) => {
    said.textContent = "";
    said.textContent = text;
  };
  const place = makePlace({ pane, view, layers, state, say, data });

  function layersChanged() {
    card.hide();
    strip.draw();
    place.show();
  }

  const walk = makeWalk({ findings, layers, view, pane, data, state, card, say });
  const watch = makeWatch({ root, pane, view, offsets, data, strip });
  const commands = makeCommands({
    root, pane, data, offsets, view, findings, state, finder, layers, walk, place,
  });
  listenToText({ listen, pane, anchor, data, view, findings, layers, card, walk, place });
  listen(root, "pointerdown", () => focusReader(reader));
  listen(root, "focusin", () => focusReader(reader));
  listen(pane, "scroll", watch.soon);
  root.querySelectorAll("[data-do]").forEach((button) => {
    listen(button, "click", () => commands.buttons[button.dataset.do]());
  });
  listen(finder.field, "keydown", commands.inFindField);

  const reader = {
    root,
    data,
    commands: commands.keys,
    compact: data.compact,
    showLayers() {
      layers.set(layersToShow(data));
      layersChanged();
    },
    update(next) {
      setTheme(root);
      if (next.at !== data.at && next.at !== state.at) place.mark(next.at, true);
      reader.data = data = next;
      layers.set(layersToShow(data));
      strip.draw();
      fillSide(root, data.side);
    },
    destroy() {
      stop.abort();
      removeReader(reader);
      [layers, strip, finder, card, watch].forEach((part) => part.destroy());
      rules.remove();
      pane.replaceChildren();
      said.textContent = "";
      anchor.hidden = true;
    },
  };
  addReader(reader);
  fillSide(root, data.side);
  fillLegend(root, data);
  layers.set(layersToShow(data));
  tidyAddress();
  pane.scrollTop = 0;
  place.mark(data.at, true);
  if (CHOSEN.layers) place.show();
  watch.now();
  return reader;
}

function setTheme(root) {
  const [red, green, blue] = getComputedStyle(root).backgroundColor.match(/[\d.]+/g).map(Number);
  root.classList.toggle("dark", 0.3 * red + 0.6 * green + 0.1 * blue < 128);
}

// What tests call without a page.
export { findAll, findHidden, makeOffsets, withMarks };
