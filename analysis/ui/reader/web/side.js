// The panel beside the text: final answer, gold answer, verdict, key numbers.

function fillSide(root, side) {
  const panel = root.querySelector(".side");
  panel.hidden = !side;
  if (!side) return panel.replaceChildren();
  const parts = [element("h3", "", "Final answer")];
  const judged = element("div", `verdict ${side.verdict.replace(/ /g, "-")}`);
  const sign = { correct: "✓", wrong: "✗" }[side.verdict] ?? "?";
  judged.append(element("b", "", `${sign} ${side.verdict}`));
  if (side.verdictSource) judged.append(element("span", "soft", ` ${withMarks(side.verdictSource)}`));
  parts.push(judged);
  parts.push(side.answer ? quoted(side.answer, "answer") : element("div", "soft", "No answer text in this record."));
  if (side.extracted) parts.push(element("h3", "", "Answer as read"), quoted(side.extracted));
  parts.push(element("h3", "", "Gold answer"));
  parts.push(side.gold ? quoted(side.gold) : element("div", "soft", "Not given."));
  if (side.numbers.length) parts.push(element("h3", "", "In numbers"), numbers(side.numbers));
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
