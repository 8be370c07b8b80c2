// Links to a place, and what is put on the clipboard.

// The address of this trace at a sentence with these layers. From the Reader it keeps the filters
// of the list; from another page it leads to the Reader.
function linkTo(data, { at, layers, least }) {
  const url = new URL(window.location.href);
  if (data.compact) {
    url.pathname = url.pathname.replace(/[^/]*$/, "reader");
    url.search = "";
  }
  url.hash = "";
  url.searchParams.delete("external_id");
  url.searchParams.set("trace", data.id);
  if (at === null || at === undefined) url.searchParams.delete("at");
  else url.searchParams.set("at", String(at));
  url.searchParams.set("layers", layers.join(","));
  const scores = Object.entries(least ?? {}).filter(([, score]) => score > 0);
  if (scores.length) url.searchParams.set("min", scores.map((pair) => pair.join(":")).join(","));
  else url.searchParams.delete("min");
  return url.href;
}

// Into the address bar without a rerun; the next rerun of the page reads it from there.
function showInAddress(data, place) {
  if (data.compact) return;
  window.history.replaceState(window.history.state, "", linkTo(data, place));
}

// Parameters that a step to the next trace left empty.
function tidyAddress() {
  const url = new URL(window.location.href);
  const empty = ["at", "external_id", "trace"].filter((name) => url.searchParams.get(name) === "");
  if (!empty.length) return;
  empty.forEach((name) => url.searchParams.delete(name));
  window.history.replaceState(window.history.state, "", url.href);
}

// The place that a link of this reader would name: the marked sentence and the layers shown.
function makePlace({ pane, view, layers, state, say, data }) {
  const here = () => ({ at: state.at, layers: layers.names(), least: leastNow(data) });

  function mark(index, scroll) {
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
      say(tr("Copied {what}", { what }));
    } catch (error) {
      say(tr("Could not copy: {why}", { why: error.message }));
    }
  }

  function copyLink(index) {
    mark(index, false);
    showInAddress(data, here());
    const what = index === null ? tr("a link to this trace") : tr("a link to sentence {n}", { n: index + 1 });
    copy(linkTo(data, here()), what);
  }

  return { mark, copy, copyLink, show: () => showInAddress(data, here()) };
}

async function copyText(text) {
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = element("textarea", "");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error(tr("the browser refused to copy"));
}

// A selection inside the text is copied as the exact text: no marks, no breaks of our own.
function exactSelection(pane, view, text) {
  const units = selectedUnits(pane, view);
  return units && text.slice(...units);
}

// The selection as [from, to] in UTF-16 units; null where none is inside the text.
function selectedUnits(pane, view) {
  const shadow = pane.getRootNode();
  const selection = shadow.getSelection ? shadow.getSelection() : document.getSelection();
  if (!selection || !selection.rangeCount) return null;
  const range = selection.getComposedRanges
    ? selection.getComposedRanges({ shadowRoots: [shadow] })[0]
    : selection.getRangeAt(0);
  if (!range || range.collapsed) return null;
  if (!pane.contains(range.startContainer) || !pane.contains(range.endContainer)) return null;
  const from = view.unitAt(range.startContainer, range.startOffset);
  const to = view.unitAt(range.endContainer, range.endOffset);
  return from === null || to === null || from >= to ? null : [from, to];
}
