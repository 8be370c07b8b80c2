// The words of the surface in the person's language: English -> shown, as Python sends them; nothing
// for English. The text of a trace never comes here.

let WORDS = {};
const OWN_TEXTS = new WeakMap(); // root -> [how to set it, English] of each text of the markup

// Marks a text of a list for the catalogs (component_words.py); tr shows it.
const N_ = (text) => text;

function tr(text, values = {}) {
  return (WORDS[text] ?? text).replace(/\{(\w+)\}/g, (hole, name) => values[name] ?? hole);
}

// By the number n; the catalogs have an entry for `many` alone.
function trn(one, many, n) {
  return WORDS[many] === undefined && n === 1 ? tr(one, { n }) : tr(many, { n });
}

// Called before anything is drawn: what stands in the root at first is our own markup.
function takeWords(root, words) {
  WORDS = words ?? {};
  if (!OWN_TEXTS.has(root)) OWN_TEXTS.set(root, ownTexts(root));
  for (const [set, english] of OWN_TEXTS.get(root)) set(tr(english));
}

function ownTexts(root) {
  const found = [];
  for (const node of root.querySelectorAll("*")) {
    for (const name of ["title", "aria-label", "placeholder"]) {
      const english = node.getAttribute(name);
      if (english) found.push([(text) => node.setAttribute(name, text), english]);
    }
    for (const child of node.childNodes) {
      if (child.nodeType !== Node.TEXT_NODE || !child.data.trim()) continue;
      const [, before, english, after] = /^(\s*)(.*?)(\s*)$/s.exec(child.data);
      found.push([(text) => (child.data = before + text + after), english]);
    }
  }
  return found;
}
