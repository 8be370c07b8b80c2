#!/usr/bin/env bash
# ensure_chromium.sh PYTHON: the browser tests need a Chromium; find one or install one.
set -euo pipefail
python=$1

for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
  if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then
    echo "==> Browser for the tests: $(command -v "$name")"
    exit 0
  fi
done
if "$python" - <<'PY' 2>/dev/null
import pathlib, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as p:
    sys.exit(not pathlib.Path(p.chromium.executable_path).exists())
PY
then
  echo "==> Browser for the tests: Playwright's own Chromium"
  exit 0
fi

echo "==> No Chromium found; installing one"
if command -v apt-get >/dev/null 2>&1; then
  run=
  if [ "$(id -u)" -ne 0 ]; then run="sudo -n"; fi
  if $run apt-get install -y -qq chromium >/dev/null 2>&1 ||
     { $run apt-get update -qq >/dev/null 2>&1 && $run apt-get install -y -qq chromium >/dev/null 2>&1; }; then
    echo "==> Installed $(command -v chromium || true) from the system's packages"
    command -v chromium >/dev/null 2>&1 && exit 0
  fi
fi
if "$python" -m playwright install chromium; then exit 0; fi
cat >&2 <<'TEXT'
The tests need Chromium, and it could not be installed from here. Install it yourself, for example
  sudo apt-get install chromium        (Debian, Ubuntu)
  brew install --cask chromium         (macOS)
or set CHROMIUM=/path/to/chrome, then run `make test` again.
TEXT
exit 1
