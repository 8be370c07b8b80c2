// Offsets of the store count code points; strings of the browser count UTF-16 units.
// They differ behind every character outside the basic plane (emoji, rare CJK, maths letters).

function makeOffsets(text) {
  // Code-point positions of the characters that take two units, ascending.
  const wide = [];
  const pair = /[\ud800-\udbff][\udc00-\udfff]/g;
  for (let found; (found = pair.exec(text)); ) wide.push(found.index - wide.length);

  return {
    length: text.length - wide.length,
    toUnits: (point) => point + countBelow(wide.length, (i) => wide[i] < point),
    // A unit in the middle of a character gives that character's start.
    toPoints: (unit) => unit - countBelow(wide.length, (i) => wide[i] + i < unit),
  };
}

// How many of 0..n-1 pass a test that is true first and false ever after (binary search).
function countBelow(n, passes) {
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (passes(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
