// A slider for each label: findings whose score is below it are hidden. No rerun; the address
// remembers it.

function makeScores({ root, data, findings, listen, changed }) {
  const panel = root.querySelector(".scores");
  const rows = data.labels
    .map((label, index) => ({ label, index, own: findings.filter((f) => f.label === index) }))
    .filter(({ own }) => own.some(({ score, analyzer }) => analyzer !== "person" && score < 1));

  function row({ label, index, own }) {
    const line = element("label", `l-${index}`);
    const slider = element("input");
    Object.assign(slider, { type: "range", min: "0", max: "1", step: "0.01" });
    slider.value = String(leastNow(data)[label.name] ?? 0);
    slider.setAttribute("aria-label", tr("Least score of {label}", { label: label.title }));
    const said = element("span", "count");
    const tell = () => {
      const kept = own.filter(({ score }) => score >= Number(slider.value)).length;
      said.textContent = tr("≥ {least} · {kept} of {all}", { least: Number(slider.value).toFixed(2), kept, all: own.length });
    };
    slider.addEventListener("input", () => {
      CHOSEN.least = { ...leastNow(data), [label.name]: Number(slider.value) };
      if (!Number(slider.value)) delete CHOSEN.least[label.name];
      tell();
      changed();
    });
    tell();
    line.append(makeSwatch(), element("span", "", label.title), slider, said);
    return line;
  }

  function fill() {
    const made = rows.map(row);
    const words = rows.length
      ? tr("Findings with a lower score are hidden here. The store keeps them.")
      : tr("All findings of this trace have the score 1: there is nothing to choose.");
    panel.replaceChildren(element("p", "soft", words), ...made);
  }

  function toggle(open = panel.hidden) {
    panel.hidden = !open;
    if (open) fill();
    root.querySelector('[data-do="scores"]').setAttribute("aria-expanded", String(open));
  }
  listen(panel, "keydown", (event) => {
    event.stopPropagation();
    if (event.key !== "Escape") return;
    toggle(false);
    root.querySelector('[data-do="scores"]').focus();
  });
  toggle(false);
  return { toggle };
}
