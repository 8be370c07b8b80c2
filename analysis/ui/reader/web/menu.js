// A small dialog that asks for one thing: a choice by digit, or some words.

function makeMenu(root) {
  const dialog = root.querySelector("dialog.menu");
  let answer = null;

  function close(value) {
    const done = answer;
    answer = null;
    if (dialog.open) dialog.close();
    done?.(value);
  }

  function choiceRow({ title, definition }, index, value) {
    const button = element("button", "choice");
    button.type = "button";
    button.title = definition ?? "";
    button.append(element("kbd", "", index < 10 ? String((index + 1) % 10) : ""), element("span", "", title));
    button.addEventListener("click", () => close(value));
    return button;
  }

  function wordsRow({ placeholder, many, value, limit }) {
    const field = element(many ? "textarea" : "input", "");
    field.placeholder = placeholder;
    field.setAttribute("aria-label", placeholder);
    field.maxLength = limit;
    field.value = value ?? "";
    const form = element("form", "words");
    const send = element("button", "", "OK");
    send.type = "submit";
    form.append(field, send);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (field.value.trim()) close(field.value.trim());
    });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (!many || event.ctrlKey || event.metaKey)) form.requestSubmit();
      if (event.key === "Enter" && !many) event.preventDefault();
    });
    return form;
  }

  // The keys of the app must not hear what is typed here. They do hear keys come up: the one that
  // opened this dialog would else count as held, and n, p and g mean nothing beside it.
  const keep = (event) => {
    event.stopPropagation();
    if (event.type !== "keydown" || event.target.closest("input, textarea")) return;
    if (!/^\d$/.test(event.key)) return;
    const place = (Number(event.key) + 9) % 10;
    const button = dialog.querySelectorAll(".choice")[place];
    if (!button) return;
    event.preventDefault();
    button.click();
  };
  ["keydown", "keypress"].forEach((kind) => dialog.addEventListener(kind, keep));
  // The news of a closing may come when the next question is already open.
  const closed = () => !dialog.open && close(null);
  dialog.addEventListener("close", closed);

  return {
    // choices: [{title, definition, value}]; words: {placeholder, many, value, limit}. Null: nothing.
    ask({ title, note, choices = [], words = null }) {
      close(null);
      const head = element("h2", "", title);
      const parts = [head];
      if (note) parts.push(element("p", "soft", note));
      const list = element("div", "choices");
      choices.forEach((choice, index) => list.append(choiceRow(choice, index, choice.value)));
      if (choices.length) parts.push(list);
      if (words) parts.push(wordsRow(words));
      parts.push(element("p", "soft", choices.length ? tr("A digit chooses, Esc leaves.") : tr("Enter saves, Esc leaves.")));
      if (words?.many) parts[parts.length - 1].textContent = tr("Ctrl+Enter saves, Esc leaves.");
      dialog.replaceChildren(...parts);
      dialog.setAttribute("aria-label", title);
      dialog.showModal();
      (choices.length ? dialog.querySelector(".choice") : dialog.querySelector("input, textarea")).focus();
      return new Promise((done) => (answer = done));
    },
    destroy() {
      close(null);
      dialog.removeEventListener("close", closed);
      ["keydown", "keypress"].forEach((kind) => dialog.removeEventListener(kind, keep));
      dialog.replaceChildren();
    },
  };
}
