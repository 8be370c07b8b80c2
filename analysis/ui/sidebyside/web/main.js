// The columns of one question: builds them and ties them. Streamlit calls the default export at
// first and whenever data or theme change.

const SIDES = new WeakMap(); // parent element -> what is mounted there
const KEPT = { mode: "text", dim: true, tint: true }; // holds from question to question in this tab

function mount({ data, parentElement }) {
  const root = parentElement.querySelector(".sides");
  const found = SIDES.get(parentElement);
  const sent = JSON.stringify(data);
  takeWords(root, data.words);
  if (found && found.root === root && found.sent === sent) found.themed();
  else {
    if (found) found.destroy();
    SIDES.set(parentElement, makeSides(root, data, sent));
  }
  return () => {
    SIDES.get(parentElement)?.destroy();
    SIDES.delete(parentElement);
  };
}

// One list of labels for all columns, with the findings of all counted.
function labelsOf(columns) {
  return columns[0].labels.map((label, index) => ({
    ...label,
    count: columns.reduce((sum, column) => sum + column.labels[index].count, 0),
  }));
}

function makeSides(root, data, sent) {
  const stop = new AbortController();
  const said = root.querySelector(".said");
  const labels = labelsOf(data.columns);
  const asked = { labels, layers: data.columns[0].layers, first: data.columns[0].first };
  const state = { active: 0, lead: 0, touchedAt: -1e6, mode: KEPT.mode };
  const columns = [];
  themeOf(root);
  const rules = element("style", "", layerRules(labels));
  root.append(rules);
  const say = (text) => {
    said.textContent = text;
  };
  const layers = makeLayers(root, labels, root.querySelector(".chips"), (names) => {
    rememberLayers(asked, names);
    columns.forEach((column) => column.drawFindings());
  });
  layers.set(layersToShow(asked));

  function touched(index) {
    state.active = index;
    state.touchedAt = performance.now();
    columns.forEach(({ root: column }, at) => column.classList.toggle("active", at === index));
    focusReader(side);
  }

  const tied = { labels, layers, say, touched, scrolled: (at) => sync.scrolled(at), pointed: (...at) => shared.pointed(...at) };
  data.columns.forEach((column, index) => {
    columns.push(makeColumn(root.querySelector(".columns"), column, data.levels[index], index, tied));
  });
  const sync = makeSync(columns, data.links, state);
  const shared = makeShared(columns, data.links, state, { say, follow: sync.follow });

  // A point that fewer than two columns have cannot be lined up.
  const possible = (mode) =>
    !(mode in POINT_NAMES) || columns.filter(({ points }) => points.has(mode)).length > 1;

  function setMode(mode) {
    if (!possible(mode)) {
      say(tr("Fewer than two of these traces have that point ({point})", { point: tr(POINT_NAMES[mode]) }));
      mode = "text";
    }
    state.mode = KEPT.mode = mode;
    const point = mode in POINT_NAMES;
    root.classList.toggle("lined", point);
    root.querySelectorAll("[data-mode]").forEach((button) => {
      button.setAttribute("aria-checked", String(button.dataset.mode === mode));
      button.disabled = !possible(button.dataset.mode);
    });
    columns.forEach((column) => {
      column.lit = point ? mode : null;
      column.soon();
    });
    if (point) sync.lineUp();
    else sync.follow(state.active);
  }

  const commands = makeSideCommands({ root, columns, labels, layers, shared, state, setMode, touched });
  const side = { root, commands: commands.keys };
  const onClick = (button, act) => button.addEventListener("click", act, { signal: stop.signal });
  root.querySelectorAll("[data-do]").forEach((b) => onClick(b, () => commands.buttons[b.dataset.do]()));
  root.querySelectorAll("[data-mode]").forEach((b) => onClick(b, () => setMode(b.dataset.mode)));
  root.querySelectorAll("[data-toggle]").forEach((button) => {
    const name = button.dataset.toggle;
    const show = () => {
      root.classList.toggle(name, KEPT[name]);
      button.setAttribute("aria-pressed", String(KEPT[name]));
    };
    onClick(button, () => {
      KEPT[name] = !KEPT[name];
      show();
    });
    show();
  });
  addReader(side);
  touched(0);
  state.touchedAt = -1e6;
  setMode(KEPT.mode);
  root.dataset.ready = "true";

  return {
    root,
    sent,
    // What is drawn with the colours of the page is drawn again in the new ones.
    themed() {
      themeOf(root);
      columns.forEach((column) => column.drawFindings());
    },
    destroy() {
      stop.abort();
      removeReader(side);
      sync.destroy();
      layers.destroy();
      columns.forEach((column) => column.destroy());
      rules.remove();
      say("");
      delete root.dataset.ready;
    },
  };
}

function themeOf(root) {
  const [red, green, blue] = getComputedStyle(root).backgroundColor.match(/[\d.]+/g).map(Number);
  root.classList.toggle("dark", 0.3 * red + 0.6 * green + 0.1 * blue < 128);
}
