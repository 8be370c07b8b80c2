// Streams of a run: text nodes and spans only, so that what a model writes is never markup.

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".streams");
  const dark = isDark(root);
  root.classList.toggle("single", data.streams.length < 2);
  const known = new Map([...root.children].map((node) => [node.dataset.key, node]));
  const wanted = data.streams.map((stream) => {
    const node = known.get(stream.key) ?? empty(stream.key);
    fill(node, stream, data.labels, dark, data.nothing);
    return node;
  });
  for (const [, node] of known) if (!wanted.includes(node)) node.remove();
  wanted.forEach((node, place) => {
    if (root.children[place] !== node) root.insertBefore(node, root.children[place] ?? null);
  });
  for (const node of wanted) follow(node);
}

function empty(key) {
  const node = document.createElement("section");
  node.className = "stream";
  node.dataset.key = key;
  const head = document.createElement("header");
  for (const name of ["asked", "facts"]) head.append(part(name));
  const text = part("text");
  text.tabIndex = 0;
  node.append(head, text, part("found"));
  return node;
}

function part(name) {
  const node = document.createElement("div");
  node.className = name;
  return node;
}

function fill(node, stream, labels, dark, nothing) {
  const text = node.querySelector(".text");
  // Who has scrolled up reads on; who is at the end follows.
  node.following = text.scrollHeight - text.scrollTop - text.clientHeight < 40;
  node.setAttribute("aria-label", stream.asked);
  node.querySelector(".asked").textContent = stream.asked;
  node.querySelector(".asked").title = stream.asked;
  node.querySelector(".facts").textContent = stream.facts;
  const pieces = stream.pieces.map(([words, label]) => (label ? mark(words, labels[label], dark) : words));
  if (stream.cut) pieces.unshift("… ");
  if (stream.answer) {
    const said = document.createElement("span");
    said.className = "said";
    said.textContent = stream.answer;
    pieces.push(said);
  }
  text.replaceChildren(...pieces);
  const counts = stream.counts.map(([label, number]) => {
    const node = document.createElement("span");
    node.className = "count";
    node.append(mark(labels[label].title, labels[label], dark), ` ${number}`);
    return node;
  });
  node.querySelector(".found").replaceChildren(...(counts.length ? counts : [nothing]));
}

function mark(words, label, dark) {
  const node = document.createElement("span");
  node.className = "m";
  node.title = label.title;
  node.textContent = words;
  node.style.setProperty("--c", dark ? label.dark : label.light);
  node.style.textDecorationStyle = label.line;
  return node;
}

function follow(node) {
  const text = node.querySelector(".text");
  if (node.following) text.scrollTop = text.scrollHeight;
}

function isDark(root) {
  const [red, green, blue] = getComputedStyle(root).color.match(/[\d.]+/g).map(Number);
  return 0.3 * red + 0.6 * green + 0.1 * blue > 128; // light text stands on a dark page
}
