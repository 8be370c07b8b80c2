#!/usr/bin/env bash
# install.sh VENV WHAT: create VENV with a fitting Python and install WHAT (".", ".[dev]") in it.
set -euo pipefail
venv=$1 what=$2

fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }

if [ ! -x "$venv/bin/python" ] || ! fits "$venv/bin/python"; then
  python=
  for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python; do
    if command -v "$candidate" >/dev/null 2>&1 && fits "$candidate"; then python=$candidate; break; fi
  done
  if [ -z "$python" ]; then
    echo "CoTScope needs Python 3.11, 3.12 or 3.13, and none was found ($(python3 --version 2>&1))." >&2
    echo "Install one, or name it: make app PYTHON=/path/to/python3.12" >&2
    exit 1
  fi
  echo "==> Creating $venv with $("$python" --version)"
  if ! "$python" -m venv "$venv"; then
    echo "Python's venv module is missing. On Debian or Ubuntu: apt-get install python3-venv" >&2
    exit 1
  fi
fi

echo "==> Installing $what into $venv (a minute or two the first time)"
# uv resolves and unpacks far faster than pip; where it has no wheel, pip does it.
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check uv || true
if [ -x "$venv/bin/uv" ]; then
  "$venv/bin/uv" pip install --python "$venv/bin/python" --constraint constraints.txt --editable "$what"
else
  "$venv/bin/python" -m pip install --disable-pip-version-check --constraint constraints.txt --editable "$what"
fi
