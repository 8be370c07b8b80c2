// Finding words in the text: case ignored, any run of white space matches any other.

const MOST_MATCHES = 10000;

// [[start, end]] in UTF-16 units of `text` itself; at most MOST_MATCHES.
function findAll(text, words) {
  const wanted = words.trim();
  if (!wanted) return [];
  const escaped = wanted.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&").replace(/\s+/g, "\\s+");
  const found = [];
  for (const match of text.matchAll(new RegExp(escaped, "giu"))) {
    found.push([match.index, match.index + match[0].length]);
    if (found.length === MOST_MATCHES) break;
  }
  return found;
}
