// The panel beside the text: final answer, gold answer, verdict, key numbers.

function fillSide(root, { side, people }, goTo) {
  const panel = root.querySelector(".side");
  panel.hidden = !side;
  if (!side) return panel.replaceChildren();
  const parts = [element("h3", "", tr("Final answer"))];
  const judged = element("div", `verdict ${side.verdict.replace(/ /g, "-")}`);
  const sign = { correct: "✓", wrong: "✗" }[side.verdict] ?? "?";
  judged.append(element("b", "", `${sign} ${side.verdictShown ?? side.verdict}`));
  if (side.verdictSource) judged.append(element("span", "soft", ` ${withMarks(side.verdictSource)}`));
  parts.push(judged);
  parts.push(side.answer ? quoted(side.answer, "answer") : element("div", "soft", tr("No answer text in this record.")));
  if (side.extracted) parts.push(element("h3", "", tr("Answer as read")), quoted(side.extracted));
  parts.push(element("h3", "", tr("Gold answer")));
  parts.push(side.gold ? quoted(side.gold) : element("div", "soft", tr("Not given.")));
  parts.push(...peopleParts(people, goTo));
  if (side.numbers.length) parts.push(element("h3", "", tr("In numbers")), numbers(side.numbers));
  panel.replaceChildren(...parts);
}

function quoted(text, kind = "") {
  const box = element("div", `quoted ${kind}`.trim(), withMarks(text));
  box.dir = "auto";
  return box;
}

function numbers(list) {
  const table = element("dl", "");
  for (const { title, text, definition } of list) {
    const name = element("dt", "defined", title);
    name.title = definition;
    table.append(name, element("dd", "", withMarks(text)));
  }
  return table;
}

// What people said of the whole trace, and their comments; each comment leads to its place.
function peopleParts(people, goTo) {
  if (!people) return [];
  const { marks, comments, finished, gone } = people;
  if (!marks.length && !comments.length && !finished.length && !gone) return [];
  const parts = [element("h3", "", tr("People"))];
  const list = element("ul", "people");
  const titleOf = (label) => people.choices.find(({ name }) => name === label)?.title ?? label.replace(/_/g, " ");
  const add = (text, more) => {
    const item = element("li", "", withMarks(text));
    if (more) item.append(more);
    list.append(item);
  };
  marks.forEach(([tag, name]) => add(`🏷 ${tr(tag)} (${name})`));
  finished.forEach(([name, labels]) =>
    add(tr("✓ {name} is done: {labels}", { name, labels: labels.map(titleOf).join(", ") })));
  for (const { text, by, start } of comments) {
    if (start === null) {
      add(`${by}: ${text}`);
      continue;
    }
    const go = element("button", "to", tr("show"));
    go.type = "button";
    go.addEventListener("click", () => goTo(start));
    add(`${by}: ${text} `, go);
  }
  if (gone) add(trn("{n} decision on findings that are no longer there", "{n} decisions on findings that are no longer there", gone));
  parts.push(list);
  return parts;
}
