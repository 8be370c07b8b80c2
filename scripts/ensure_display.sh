#!/usr/bin/env bash
# ensure_display.sh PYTHON: the tests of the desktop window need its extra, a virtual screen, and Qt some
# libraries of the system.
set -euo pipefail
python=$1

if [ "$(uname -s)" != Linux ]; then
  echo "==> The desktop window is tested on Linux only; its tests will be skipped"
  exit 0
fi

has_extra() {
  "$python" -c 'import importlib.util, sys; sys.exit(not (
    importlib.util.find_spec("PySide6") and importlib.util.find_spec("PySide6.QtWebEngineWidgets")))'
}
complete() {
  has_extra && command -v Xvfb >/dev/null 2>&1 && command -v xdotool >/dev/null 2>&1 && [ -z "$(lacking)" ]
}
# System libraries that Qt's parts ask for and that are not here. Only `ldd` is run, no window is opened.
lacking() {
  "$python" - <<'PY'
import importlib.util, pathlib, subprocess
spec = importlib.util.find_spec("PySide6")
lacking = set()
parts = ("plugins/platforms/libqxcb.so", "lib/libQt6WebEngineCore.so.6")
for part in parts if spec else []:
    path = pathlib.Path(spec.submodule_search_locations[0], "Qt", part)
    told = subprocess.run(["ldd", str(path)], capture_output=True, text=True).stdout
    lacking.update(row.split()[0] for row in told.splitlines() if "not found" in row)
print(*sorted(lacking), end="")
PY
}

if complete; then
  echo "==> Screen for the tests: $(command -v Xvfb)"
  exit 0
fi
echo "==> Installing what the tests of the desktop window need"
if ! has_extra; then
  # With everything else at the versions that are there: this must not change what the others test.
  uv="$(dirname "$python")/uv"
  if [ -x "$uv" ]; then
    "$uv" pip install --quiet --python "$python" --constraint constraints.txt --editable ".[desktop]" || true
  else
    "$python" -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
      --editable ".[desktop]" || true
  fi
fi
if command -v apt-get >/dev/null 2>&1; then
  run=
  if [ "$(id -u)" -ne 0 ]; then run="sudo -n"; fi
  install() {
    # Names differ between releases (libasound2, libasound2t64): take those that this one has.
    local known
    known=$(apt-cache madison xvfb xdotool libegl1 libgl1 libopengl0 libdbus-1-3 libfontconfig1 \
      libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 \
      libxcb-render-util0 libxcb-xinerama0 libxcb-xkb1 libnss3 libasound2 libasound2t64 \
      libxcomposite1 libxdamage1 libxrandr2 libxtst6 libxkbfile1 2>/dev/null | awk '{print $1}' | sort -u)
    # shellcheck disable=SC2086 - one word a package
    [ -n "$known" ] && $run apt-get install -y -qq --no-install-recommends $known >/dev/null 2>&1
  }
  install || { $run apt-get update -qq >/dev/null 2>&1 && install; } || true
fi
if complete; then
  echo "==> Screen for the tests: $(command -v Xvfb)"
  exit 0
fi
cat >&2 <<TEXT
The desktop window cannot be tested here: it needs the extra, Xvfb, xdotool and Qt's system libraries.
Lacking: $(has_extra || echo 'the extra "desktop"') $(command -v Xvfb >/dev/null || echo Xvfb) $(command -v xdotool >/dev/null || echo xdotool) $(lacking)
  sudo apt-get install xvfb xdotool libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1        (Debian, Ubuntu)
Its tests are skipped; all others run.
TEXT
# Where nobody reads along, a test that is skipped must not pass for one that was made.
[ -z "${CI:-}" ]
