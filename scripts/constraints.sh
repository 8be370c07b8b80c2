#!/usr/bin/env bash
# constraints.sh BIN: resolve today's versions for Python 3.11 to 3.13, without download addresses.
set -euo pipefail
"$1/uv" pip compile --quiet --universal --upgrade --python-version 3.11 --no-annotate --no-header \
  --no-emit-index-url --extra test --extra dev --extra embeddings --extra transformers --extra figures --extra tokenizers --extra desktop \
  pyproject.toml --output-file constraints.new
{
  echo "# Versions that the tests passed with. Made by: make constraints. No download addresses here."
  # CUDA parts come with torch where they are wanted; torch stays at the version with a CPU build.
  grep -vE '^(cuda-|nvidia-|triton)' constraints.new | sed 's/^torch==.*/torch==2.13.0/'
} > constraints.txt
rm constraints.new
