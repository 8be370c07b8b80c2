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
  for (const { language, from, to } of findings) {
    if (!language) continue;
    const pieces = view.piecesOf(from, to);
    if (!pieces.length) continue;
    pieces[pieces.length - 1].dataset.language = language.slice(0, 8);
    if (pieces.length === 1) pieces[0].dir = "auto";
  }
}
