"""What a page must never do, watched while it is used; and when it is at rest."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage, Page, Request, Response, expect

# Asked of the page itself, which answers in the next frame; an assertion asks after seconds.
_AT_REST = """() => {
  const ran = "[data-testid=stApp][data-test-script-state=notRunning][data-test-connection-state=CONNECTED]";
  const waits = [...document.querySelectorAll("[data-testid=stSpinner]")].some((node) => node.checkVisibility());
  return document.querySelector(ran) !== null && !waits && !document.querySelector("[data-testid=stSkeleton]");
}"""
# Everything that could lead away or act, in shadow roots too.
_TRAPS = """() => {
  const found = [];
  const away = (value) => {
    if (/^\\s*(javascript|vbscript):/i.test(value)) return true;
    if (!/^\\s*([a-z]+:)?\\/\\//i.test(value) && !/^\\s*mailto:/i.test(value)) return false;
    try { return new URL(value, location.href).origin !== location.origin; } catch { return true; }
  };
  const look = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.shadowRoot) look(node.shadowRoot);
      if (/^(IFRAME|OBJECT|EMBED|BASE|FRAME|PORTAL|APPLET)$/.test(node.tagName)) found.push(node.tagName);
      for (const { name, value } of node.attributes) {
        const acts = /^on/i.test(name) || name === "srcdoc";
        const leads = /^(href|src|action|formaction|data|poster|srcset|xlink:href)$/i.test(name);
        if (acts || (leads && away(value))) found.push(`${node.tagName} ${name}=${value.slice(0, 120)}`);
      }
    }
    for (const node of root.querySelectorAll("[data-testid=stMarkdownContainer] :is(img, .katex)")) {
      found.push(`${node.tagName} ${node.className} in Markdown`);
    }
  };
  look(document);
  if (window.pwned !== undefined) found.push("a script ran");
  return found;
}"""


@dataclass
class Watch:
    """Faults of a page since it was opened: console, refused answers, requests, dialogs, frames."""

    page: Page
    origin: str
    faults: list[str] = field(default_factory=list)
    unprotected: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda e: self.faults.append(f"error: {e}"))
        self.page.on("dialog", lambda d: (self.faults.append(f"dialog: {d.message}"), d.dismiss()))
        self.page.on("popup", lambda p: self.faults.append(f"window: {p.url}"))
        self.page.on("request", self._request)
        self.page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(f"console: {message.text} {message.location}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", "data:", "blob:")):
            self.faults.append(f"request: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")
        if "content-security-policy" not in response.headers and response.url.startswith("http"):
            self.unprotected.append(response.url)

    def check(self) -> None:
        """Raise AssertionError for anything that was seen, or that stands in the page."""
        assert self.faults == []
        assert self.unprotected == []
        assert self.page.evaluate(_TRAPS) == []
        expect(self.page.get_by_test_id("stException")).to_have_count(0)


def at_rest(page: Page) -> None:
    """Wait until the app has run to its end."""
    page.wait_for_function(_AT_REST, timeout=90_000)
