// Annotation from the keyboard. What is done shows at once; the store's answer confirms it.

function makeAnnotate({ data, pane, offsets, view, findings, state, layers, menu, card, say, redrawn }) {
  const people = data.people;
  const nameNow = () => nameFor(data);
  const titleOf = (name) => people.choices.find((choice) => choice.name === name)?.title ?? name.replace(/_/g, " ");

  async function askName() {
    const name = await menu.ask({
      title: tr("Your name"),
      note: tr("It stands beside all that you annotate."),
      words: { placeholder: tr("Name"), value: nameNow(), limit: 80 },
    });
    if (name) {
      keepName(name);
      redrawn();
    }
    return name;
  }

  // Every act begins here: nothing is written without a name.
  const named = (act) => async () => {
    if (!people) return say(tr("This database is open for reading only"));
    if (!nameNow() && !(await askName())) return;
    await act(nameNow());
  };

  const send = (by, kind, more) => post({ kind, by, trace: data.id, ...more });

  function current() {
    const finding = findings[state.current];
    if (!finding) say(tr("Go to a finding first: j, or click one"));
    return finding;
  }

  function target(finding) {
    const [start, end] = finding.was ?? [finding.start, finding.end];
    const { analyzer, version, score } = finding;
    return { analyzer, version, score, start, end, label: data.labels[finding.label].name };
  }

  function decide(finding, by, kind, does) {
    finding.by = [...finding.by.filter(([name]) => name !== by), [by, does]];
    finding.status = statusOf(finding);
    redrawn();
    send(by, kind, { target: target(finding) });
    say(tr("{label}: {does}, says {by}", { label: data.labels[finding.label].title, does: tr(does), by }));
  }

  const accept = (by) => {
    const finding = current();
    if (finding) decide(finding, by, "accept", "right");
  };
  const reject = (by) => {
    const finding = current();
    if (finding) decide(finding, by, "reject", "wrong");
  };

  // What is selected, without white space at its ends; null when nothing is.
  function selected() {
    const units = selectedUnits(pane, view);
    if (!units) return null;
    let [from, to] = units;
    const text = data.text.slice(from, to);
    from += text.length - text.trimStart().length;
    to -= text.length - text.trimEnd().length;
    return from < to ? [from, to] : null;
  }

  function sentenceNow() {
    const onTop = view.sentenceAtHeight(pane.getBoundingClientRect().top + 4);
    const at = state.at ?? (state.current >= 0 ? view.sentenceAt(findings[state.current].from) : onTop);
    const from = view.starts[at];
    const text = data.text.slice(from, view.starts[at + 1] ?? data.text.length);
    return [from + text.length - text.trimStart().length, from + text.trimEnd().length];
  }

  const points = ([from, to]) => ({ start: offsets.toPoints(from), end: offsets.toPoints(to) });

  async function add(by) {
    const units = selected() ?? sentenceNow();
    if (units[0] >= units[1]) return say(tr("There is no text here"));
    const words = withMarks(data.text.slice(...units)).slice(0, 120);
    const label = await menu.ask({
      title: tr("Add a label"),
      note: `“${words}${units[1] - units[0] > 120 ? "…" : ""}”`,
      choices: people.choices.map(({ name, ...more }) => ({ ...more, value: name })),
    });
    if (!label) return;
    layers.show(label);
    pendingPaint(units);
    const { start, end } = points(units);
    CHOSEN.next = [start, end, label];
    send(by, "add", { label, start, end });
    say(tr("Adding {label}", { label: titleOf(label) }));
  }

  const paintNew = makePaint("added");
  function pendingPaint(units) {
    if (units) paintNew([view.range(...units)]);
    else paintNew([]);
  }

  function move(by) {
    const finding = current();
    const units = selected();
    if (!finding) return;
    if (!units) return say(tr("Select the text that the finding should cover, then press s"));
    pendingPaint(units);
    const { start, end } = points(units);
    CHOSEN.next = [start, end, data.labels[finding.label].name];
    send(by, "move", { target: target(finding), start, end });
    say(tr("Moving the finding to the selection"));
  }

  async function remark(by) {
    const finding = findings[state.current];
    const units = selected() ?? (finding ? [finding.from, finding.to] : null);
    const text = await menu.ask({
      title: units ? tr("Comment on this passage") : tr("Comment on the trace"),
      note: units ? `“${withMarks(data.text.slice(...units)).slice(0, 120)}”` : "",
      words: { placeholder: tr("Comment"), many: true, limit: 4000 },
    });
    if (!text) return;
    send(by, "comment", { text, ...(units ? points(units) : {}) });
    say(units ? tr("Comment on the passage kept") : tr("Comment on the trace kept"));
  }

  async function mark(by) {
    const tag = await menu.ask({
      title: tr("Mark this trace"),
      choices: people.tags.map((value) => ({ title: tr(value), value })),
      words: { placeholder: tr("Another tag"), limit: 120 },
    });
    if (!tag) return;
    send(by, "mark", { text: tag });
    say(tr("Trace marked: {tag}", { tag: withMarks(tr(tag)) }));
  }

  async function finish(by) {
    const labels = layers.names();
    if (!labels.length) return say(tr("Show the layers that you went through first"));
    const open = findings.filter((f) => !f.out && layers.has(f.label) && !f.by.some(([name]) => name === by));
    const titles = labels.map(titleOf).join(", ");
    const sure = await menu.ask({
      title: tr("Done with this trace"),
      note: tr("You went through the whole text for: {titles}. Findings shown that you left as they are: {n}.", { titles, n: open.length }),
      choices: [{ title: open.length ? tr("Accept these {n} and finish", { n: open.length }) : tr("Finish"), value: "yes" }],
    });
    if (!sure) return;
    open.forEach((finding) => {
      finding.by = [...finding.by, [by, "right"]];
      finding.status = statusOf(finding);
    });
    redrawn();
    send(by, "finish", { labels, targets: open.map(target) });
    say(tr("Finished for {titles}", { titles }));
  }

  const undo = (by) => {
    send(by, "undo", {});
    say(tr("Undoing"));
  };

  function whose() {
    CHOSEN.whose = WHOSE[(WHOSE.indexOf(CHOSEN.whose) + 1) % WHOSE.length];
    card.hide();
    redrawn();
    say({ all: tr("All findings"), mine: tr("Only mine"), machine: tr("Only the analyzers'") }[CHOSEN.whose]);
  }

  return {
    nameNow,
    pendingPaint,
    buttons: {
      accept: named(accept), reject: named(reject), add: named(add), move: named(move),
      remark: named(remark), mark: named(mark), finish: named(finish), undo: named(undo),
      name: askName, whose,
    },
  };
}

const ANNOTATE_KEYS = {
  y: "accept", x: "reject", i: "add", s: "move", w: "remark", m: "mark", d: "finish", u: "undo",
  h: "whose",
};
