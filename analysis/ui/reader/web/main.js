// One reader: builds the parts, lets them talk to each other, and takes them apart again.
// Streamlit calls the default export at first and whenever data or theme change.

const MOUNTED = new WeakMap(); // parent element -> reader

// The layers that the person chose last in this tab. Streamlit does not learn of them until the
// address is read again, so they hold until a link asks for others.
const CHOSEN = { layers: null, asked: null };

function layersToShow(data) {
  const asked = data.layers && data.layers.join();
  if (asked !== CHOSEN.asked && asked !== null) CHOSEN.layers = null;
  CHOSEN.asked = asked;
  return CHOSEN.layers ?? data.layers ?? data.first;
}

// A label that this trace does not have stays chosen for the next trace.
function rememberLayers(data, shown) {
  const here = data.labels.map((label) => label.name);
  const before = CHOSEN.layers ?? data.layers ?? [];
  CHOSEN.layers = [...shown, ...before.filter((name) => !here.includes(name))];
}

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
  const card = makeCard(root, data.labels);
  const state = { current: -1, at: null };

  const layers = makeLayers(root, data.labels, root.querySelector(".chips"), (names) => {
    rememberLayers(data, names);
    if (data.compact) shareLayers(reader);
    layersChanged();
  });
  const strip = makeStrip(root.querySelector(".strip"), data, offsets, layers, (point) => {
    const unit = offsets.toUnits(point);
    scrollToUnits(pane, view, unit, unit + 1);
  });
  const finder = makeFinder(root, data.text, view, (start, end) => scrollToUnits(pane, view, start, end));

  const say = (text) => {
    said.textContent = "";
    said.textContent = text;
  };
  const place = () => ({ at: state.at, layers: layers.names() });

  function layersChanged() {
    card.hide();
    strip.draw();
    showInAddress(data, place());
  }

  function markSentence(index, scroll) {
    if (state.at !== null) view.sentenceElement(state.at)?.classList.remove("at");
    state.at = index;
    if (index === null) return;
    view.sentenceElement(index)?.classList.add("at");
    const from = view.starts[index];
    if (scroll) scrollToUnits(pane, view, from, view.starts[index + 1] ?? data.text.length);
  }

  async function copy(text, what) {
    try {
      await copyText(text);
      say(`Copied ${what}`);
    } catch (error) {
      say(`Could not copy: ${error.message}`);
    }
  }

  function copyLink(index) {
    markSentence(index, false);
    showInAddress(data, place());
    const what = index === null ? "a link to this trace" : `a link to sentence ${index + 1}`;
    copy(linkTo(data, place()), what);
  }

  const walk = makeWalk({ findings, layers, view, pane, data, state, card, say });
  const watch = makeWatch({ root, pane, view, offsets, data, strip });
  const commands = makeCommands({
    root, pane, data, offsets, view, findings, state, finder, layers, walk, copy, copyLink,
  });
  listenToText({ listen, pane, anchor, data, view, findings, layers, card, walk, copyLink });
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
      if (next.at !== data.at && next.at !== state.at) markSentence(next.at, true);
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
  if (CHOSEN.layers) showInAddress(data, { at: data.at, layers: layers.names() });
  pane.scrollTop = 0;
  markSentence(data.at, true);
  watch.now();
  return reader;
}

// In Compare a layer is shown in all columns at once.
function shareLayers(from) {
  for (const other of READERS) {
    if (other !== from && other.compact) other.showLayers();
  }
}

function setTheme(root) {
  const [red, green, blue] = getComputedStyle(root).backgroundColor.match(/[\d.]+/g).map(Number);
  root.classList.toggle("dark", 0.3 * red + 0.6 * green + 0.1 * blue < 128);
}

// What tests call without a page.
export { findAll, findHidden, makeOffsets, withMarks };
