// What people do, on its way to the store. An event is sent until the store says that it has it;
// each carries an id, so that one that arrives twice is written once.

const OUTBOX = { waiting: [], timer: 0, send: null };
const RESEND_MS = 4000;

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function flushOutbox() {
  clearTimeout(OUTBOX.timer);
  if (!OUTBOX.waiting.length || !OUTBOX.send) return;
  OUTBOX.send(OUTBOX.waiting.slice());
  OUTBOX.timer = setTimeout(flushOutbox, RESEND_MS);
}

function post(event) {
  const sent = { id: newId(), ...event };
  OUTBOX.waiting.push(sent);
  flushOutbox();
  return sent.id;
}

function settleOutbox(acks) {
  const known = new Set(acks);
  OUTBOX.waiting = OUTBOX.waiting.filter(({ id }) => !known.has(id));
  if (!OUTBOX.waiting.length) clearTimeout(OUTBOX.timer);
}

// The name of the person: kept by the browser for the tab, never in the address.
const NAME_KEY = "cotscope.annotator";

function nameFor(data) {
  return sessionStorage.getItem(NAME_KEY) || data.people?.me || "";
}

function keepName(name) {
  sessionStorage.setItem(NAME_KEY, name);
}
