// Highlight layers: one chip a label. Showing a layer is a class on the root, so nothing is
// rebuilt and nothing is asked of the server.

function makeLayers(root, labels, chipRow, changed) {
  const on = new Set();
  const chips = labels.map((label, index) => {
    const chip = element("button", `chip l-${index}`);
    chip.type = "button";
    chip.title = label.definition || label.title;
    chip.append(
      element("span", "swatch", "ab"),
      element("span", "", label.title),
      element("span", "count", label.count.toLocaleString("en")),
    );
    chip.addEventListener("click", () => toggle(index));
    return chip;
  });
  chipRow.replaceChildren(...chips);
  if (!labels.length) {
    chipRow.append(element("span", "none", "No findings in this trace"));
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
    has: (index) => on.has(index),
    colour: (index) => labels[index][root.classList.contains("dark") ? "dark" : "light"],
    set,
    toggle,
    names,
    destroy: () => labels.forEach((_, index) => root.classList.remove(`on-${index}`)),
  };
}

// The style sheet of the labels. Colours and lines come from our palette (palette.py); the names
// of labels, which a plug-in chooses, do not enter it.
function layerRules(labels) {
  return labels
    .map(({ light, dark, line }, index) => {
      const thick = { solid: 2, wavy: 1.5, dotted: 3, dashed: 2.5, double: 2 }[line] ?? 2;
      return `
.l-${index} { --c: ${light}; --line: ${line}; --thick: ${thick}px; }
.dark .l-${index} { --c: ${dark}; }
.on-${index} .text .l-${index} {
  background-color: color-mix(in srgb, var(--c) var(--tint), transparent);
  text-decoration: underline var(--line) var(--thick) var(--c);
}`;
    })
    .join("\n");
}
