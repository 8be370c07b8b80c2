// Characters that one cannot see, or that reorder what one sees, as marks such as ⟦U+202E⟧.
// The mark stands in the page in place of the character; offsets go on counting the character.

// Control, format, private, unassigned; line separators; fillers and variation selectors that
// render as nothing. Newline and tab are shown as they are.
const HIDDEN =
  // oxlint-disable-next-line no-misleading-character-class -- each is meant by itself
  /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\u{e0100}-\u{e01ef}]/gu;
// After these a joiner or a variation selector is ordinary writing: emoji and the scripts of
// Persian, Urdu and India.
const JOINS =
  /^[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f\u20e3#*0-9\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Mongolian}\p{Script=Myanmar}\p{Script=Khmer}]$/u;
const JOINERS = "\u200c\u200d\ufe0e\ufe0f";

// The places of such characters in `text`: [{at, size, mark}], in UTF-16 units, ascending.
function findHidden(text) {
  const found = [];
  for (const match of text.matchAll(HIDDEN)) {
    const character = match[0];
    if (character === "\n" || character === "\t") continue;
    const at = match.index;
    if (JOINERS.includes(character) && JOINS.test(characterBefore(text, at))) continue;
    found.push({ at, size: character.length, mark: markOf(character) });
  }
  return found;
}

function characterBefore(text, at) {
  const wide = at > 1 && text.codePointAt(at - 2) > 0xffff;
  return text.slice(Math.max(0, at - (wide ? 2 : 1)), at);
}

function markOf(character) {
  return `⟦U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟧`;
}

// A short text (a value, a piece of evidence) with its marks.
function withMarks(text) {
  let shown = "";
  let from = 0;
  for (const { at, size, mark } of findHidden(text)) {
    shown += text.slice(from, at) + mark;
    from = at + size;
  }
  return shown + text.slice(from);
}
