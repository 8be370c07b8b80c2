// Which findings are to be seen and how: below their label's least score, accepted, rejected,
// added, not mine. Attributes on the pieces that are there already; nothing is rebuilt.

const WHOSE = ["all", "mine", "machine"];
const RANKS = { out: 0, rejected: 1, "": 2, differ: 3, accepted: 4, moved: 4, added: 4 };
const SIGNS = { accepted: "✓", rejected: "✗", differ: "≠", moved: "↔", added: "+" };

function makeStates({ root, data, findings, view, nameNow }) {
  let drawn = null; // of each segment the looks of its labels, and the badges; null: all plain
  const least = (finding) => leastNow(data)[data.labels[finding.label].name] ?? 0;

  function judge(finding) {
    const whose = data.people ? CHOSEN.whose : "all";
    const machine = finding.analyzer !== "person";
    // What a person decided stays in sight, whatever its score.
    finding.out = machine && !finding.by.length && finding.score < least(finding);
    if (whose === "machine") finding.out = !machine || finding.score < least(finding);
    if (whose === "mine") {
      const me = nameNow();
      finding.out = !finding.by.some(([name, does]) => name === me && does !== "wrong");
    }
    finding.look = finding.out ? "out" : whose === "machine" ? "" : finding.status;
  }

  function apply() {
    findings.forEach(judge);
    const needed = findings.some(({ look }) => look !== "");
    const before = drawn;
    drawn = needed ? looks() : null;
    if (drawn || before) view.filling.redress();
    root.dataset.whose = data.people ? CHOSEN.whose : "all";
  }

  // A piece may be covered by several findings of one label: the one that says most is drawn.
  function looks() {
    const most = view.segments.map(() => new Map());
    const badges = new Map();
    for (const { from, to, label, look, by } of findings) {
      const [first, last] = view.pieceRange(from, to);
      for (let index = first; index < last; index++) {
        const before = most[index].get(label);
        if (before === undefined || RANKS[look] > RANKS[before]) most[index].set(label, look);
      }
      if (SIGNS[look] && first < last && !badges.has(first)) badges.set(first, [label, look, by]);
    }
    return { most, badges };
  }

  function dress(piece, index) {
    let layer = piece;
    for (const label of view.segments[index].labels) {
      const look = drawn?.most[index].get(label) ?? "";
      if (look) layer.dataset.state = look;
      else if (layer.dataset.state) delete layer.dataset.state;
      layer = layer.firstElementChild;
    }
    badge(piece, drawn?.badges.get(index));
  }

  function badge(piece, found) {
    if (!found && !piece.dataset.badge) return;
    if (piece.dataset.badge) piece.classList.remove(`b-${piece.dataset.badge}`);
    delete piece.dataset.badge;
    delete piece.dataset.by;
    if (!found) return;
    const [label, look, by] = found;
    piece.dataset.badge = label;
    piece.dataset.by = SIGNS[look] + (look === "added" ? ` ${initials(by[0]?.[0] ?? "")}` : "");
    piece.classList.add(`b-${label}`);
  }

  view.filling.dress(dress);
  return { apply };
}

function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  return words.slice(0, 3).map((word) => String.fromCodePoint(word.codePointAt(0))).join("");
}

// The status that several people's words make together (events.py says the same).
function statusOf(finding) {
  const yes = finding.by.filter(([, does]) => does !== "wrong");
  if (!finding.by.length) return "";
  if (yes.length < finding.by.length) return yes.length ? "differ" : "rejected";
  if (finding.analyzer === "person") return "added";
  return finding.was ? "moved" : "accepted";
}

// Least scores that the person chose in this tab, else those of the link.
function leastNow(data) {
  return CHOSEN.least ?? data.least ?? {};
}

// The style of states, for one label. Layer and state both show by line, not by colour alone.
function stateRules(index) {
  const at = (state) => `.on-${index} .text .l-${index}[data-state="${state}"]`;
  return `
${at("out")} { background: none; text-decoration: none; --under: none; --behind: none; }
${at("rejected")} { background: none; --under: none; --behind: none; text-decoration: line-through 1.5px var(--c); color: color-mix(in srgb, var(--ink) 62%, transparent); }
${at("differ")} { background: repeating-linear-gradient(-45deg, color-mix(in srgb, var(--c) 34%, transparent) 0 5px, transparent 5px 10px); }
${["accepted", "moved", "added"].map(at).join(", ")} { background-color: color-mix(in srgb, var(--c) calc(var(--tint) + 18%), transparent); text-decoration: underline solid 3px var(--c); --under: 3px solid var(--c); }
.on-${index} .text .g.b-${index}[data-by]::before { content: attr(data-by); color: var(--badge-${index}); }`;
}
