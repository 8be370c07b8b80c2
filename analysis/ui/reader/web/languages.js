// Stretches in another language: which one stands behind each, small, while their layer is shown.
// The tag is generated content: it is in no text node, so offsets, find and copies do not know it.

const LANGUAGES = "language_mixing";

function languageRule(index) {
  return `
.on-${index} .text .g[data-language]::after { content: attr(data-language); }`;
}

// A stretch that is one piece is isolated, so that one written from right to left does not reorder
// the text around it. One that is cut is left alone: pieces isolated from each other would change
// places.
function markLanguages(findings, view) {
  const names = new Map(); // last piece of a stretch -> language
  const whole = new Set();
  for (const { language, from, to } of findings) {
    if (!language) continue;
    const [first, last] = view.pieceRange(from, to);
    if (first === last) continue;
    names.set(last - 1, language.slice(0, 8));
    if (last - first === 1) whole.add(first);
  }
  if (!names.size) return;
  view.filling.dress((piece, index) => {
    if (names.has(index)) piece.dataset.language = names.get(index);
    if (whole.has(index)) piece.dir = "auto";
  });
}
