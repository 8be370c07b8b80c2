// Highlight layers: one chip a label. Showing a layer is a class on the root, so nothing is
// rebuilt and nothing is asked of the server.

function makeLayers(root, labels, chipRow, changed) {
  const on = new Set();
  const chips = labels.map((label, index) => {
    const chip = element("button", `chip l-${index}`);
    chip.type = "button";
    chip.title = label.definition || label.title;
    chip.append(
      makeSwatch(),
      element("span", "", label.title),
      element("span", "count", label.count.toLocaleString("en")),
    );
    chip.addEventListener("click", () => toggle(index));
    return chip;
  });
  chipRow.replaceChildren(...chips);
  if (!labels.length) {
    chipRow.append(element("span", "none", tr("No findings in this trace")));
  }

  function show() {
    labels.forEach((_, index) => {
      root.classList.toggle(`on-${index}`, on.has(index));
      chips[index].setAttribute("aria-pressed", String(on.has(index)));
    });
  }

  function set(names) {
    on.clear();
    labels.forEach((label, index) => names.includes(label.name) && on.add(index));
    show();
  }

  function toggle(index) {
    if (index >= labels.length) return;
    if (!on.delete(index)) on.add(index);
    show();
    changed(names());
  }

  function names() {
    return labels.filter((_, index) => on.has(index)).map((label) => label.name);
  }

  return {
    // A layer that this trace may not have yet: shown now, and when it has.
    show(name) {
      const index = labels.findIndex((label) => label.name === name);
      if (index >= 0 && !on.has(index)) toggle(index);
      else if (index < 0) changed([...names(), name]);
    },
    has: (index) => on.has(index),
    colour: (index) => labels[index][root.classList.contains("dark") ? "dark" : "light"],
    set,
    toggle,
    names,
    destroy: () => labels.forEach((_, index) => root.classList.remove(`on-${index}`)),
  };
}

// Two letters in the look of a label, for the eye only.
function makeSwatch() {
  const swatch = element("span", "swatch", "ab");
  swatch.setAttribute("aria-hidden", "true");
  return swatch;
}

// The style sheet of the labels. Colours and lines come from our palette (palette.py); the names
// of labels, which a plug-in chooses, do not enter it.
function layerRules(labels) {
  return labels
    .map(({ name, light, dark, line }, index) => {
      const thick = { solid: 2, wavy: 1.5, dotted: 3, dashed: 2.5, double: 2 }[line] ?? 2;
      return `
.l-${index} { --c: ${light}; --line: ${line}; --thick: ${thick}px; }
.dark .l-${index} { --c: ${dark}; }
.reader { --badge-${index}: ${light}; }
.reader.dark { --badge-${index}: ${dark}; }
.on-${index} .text .l-${index} {
  --behind: color-mix(in srgb, var(--c) var(--tint), transparent);
  background-color: var(--behind);
  text-decoration: underline var(--line) var(--thick) var(--c);
  --under: var(--thick) ${line === "wavy" ? "solid" : line} var(--c);
}${name === LANGUAGES ? languageRule(index) : ""}${stateRules(index)}`;
    })
    .join("\n");
}

// The layers that the person chose last in this tab. Streamlit does not learn of them until the
// address is read again, so they hold until a link asks for others.
const CHOSEN = {
  layers: null, asked: null, least: null, leastAsked: "", whose: "all", outline: false,
  typeset: false, raw: false, next: null,
};

function layersToShow(data) {
  const asked = data.layers && data.layers.join();
  if (asked !== CHOSEN.asked && asked !== null) CHOSEN.layers = null;
  CHOSEN.asked = asked;
  return CHOSEN.layers ?? data.layers ?? data.first;
}

// The same for least scores.
function takeLeast(data) {
  const asked = JSON.stringify(data.least ?? {});
  if (asked !== CHOSEN.leastAsked && asked !== "{}") CHOSEN.least = null;
  CHOSEN.leastAsked = asked;
}

// A label that this trace does not have stays chosen for the next trace.
function rememberLayers(data, shown) {
  const here = data.labels.map((label) => label.name);
  const before = CHOSEN.layers ?? data.layers ?? [];
  CHOSEN.layers = [...shown, ...before.filter((name) => !here.includes(name))];
}

// In Compare a layer is shown in all columns at once.
function shareLayers(from) {
  for (const other of READERS) {
    if (other !== from && other.compact) other.showLayers();
  }
}
