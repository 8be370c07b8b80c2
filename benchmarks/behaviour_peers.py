"""One peer on the traces of a file, run by the interpreter that has it: PYTHON behaviour_peers.py NAME FILE SECONDS.

Uses the standard library and the peer alone, since peers stand in environments of their own. FILE has
one JSON string a line, a reasoning text. Prints JSON: CPU seconds, bytes and texts done until SECONDS
of CPU were spent, what came out, and the version. Import and set-up are not counted; one text is done
before the clock starts.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

PEERS = ("rtsa", "cotstruct")


def peer(name: str) -> Callable[[str], int]:
    """The peer's own segmentation and labelling of one text; gives the number of labelled parts."""
    module: Any = importlib.import_module(name)
    if name == "rtsa":
        extractor = module.RuleBasedExtractor()
        return lambda text: len(extractor.extract(text).nodes)
    classifier = module.StepClassifier()

    def steps(text: str) -> int:
        parts = module.segment_sentences(text)
        for part in parts:
            classifier.classify_sentence(part)
        return len(parts)

    return steps


def main(name: str, file: str, seconds: float) -> None:
    if name not in PEERS:
        raise SystemExit(f"{name} is not one of {', '.join(PEERS)}")
    with Path(file).open(encoding="utf-8") as lines:
        texts = [json.loads(line) for line in lines]
    work = peer(name)
    work(texts[0])
    began, size, parts, done = time.process_time(), 0, 0, 0
    for text in texts:
        parts += work(text)
        size += len(text.encode())
        done += 1
        if time.process_time() - began > seconds:
            break
    took = time.process_time() - began
    found = {"seconds": took, "bytes": size, "texts": done, "parts": parts}
    print(json.dumps({**found, "version": version(name)}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
