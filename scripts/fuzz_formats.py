"""Break files in every way for some minutes and see that reading them stays total.

    python scripts/fuzz_formats.py --seconds 600 [--seed 1] [--every 50] [--coverage]

Each case has a seed of its own; a failure prints it, keeps the file in ``fuzz_failures`` and ends
with exit code 1. ``--every N`` takes each Nth file through the whole import as well. ``--coverage``
lets atheris (pip install atheris) steer by the lines that are reached.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from analysis.store import open_store
from tests.fuzz_bytes import any_file, check_importing, check_reading

FAILURES = Path("fuzz_failures")


def run(seconds: float, first: int, every: int) -> int:
    """Check one file after the other; returns how many of them failed."""
    failed = done = 0
    ends = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "t.duckdb") as store:
        while time.monotonic() < ends:
            seed = first + done
            rng = random.Random(seed)
            path = Path(folder) / rng.choice(("f", "f.csv", "f.jsonl"))
            data = any_file(rng)
            path.write_bytes(data)
            began = time.monotonic()
            try:
                check_reading(path, rng)
                if every and done % every == 0:
                    check_importing(store, path)
            except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
                failed += 1
                FAILURES.mkdir(exist_ok=True)
                (FAILURES / str(seed)).write_bytes(data)
                sys.stderr.write(f"seed {seed}\n{traceback.format_exc()}\n")
            if time.monotonic() - began > 5:
                sys.stderr.write(f"slow: seed {seed} took {time.monotonic() - began:.1f} s\n")
            done += 1
    sys.stdout.write(f"{done} files, {failed} failed, seeds {first} to {first + done - 1}\n")
    return failed


def run_with_coverage(seconds: float, seed: int) -> None:
    """The same, steered by coverage; ends the process."""
    try:
        import atheris  # type: ignore[import-not-found]
    except ModuleNotFoundError:
        sys.exit("--coverage needs atheris: pip install atheris")
    for name in [name for name in sys.modules if name.split(".")[0] in ("analysis", "tests")]:
        del sys.modules[name]  # only what is imported from here on is watched
    with atheris.instrument_imports(include=["analysis.formats"]):
        from tests.fuzz_bytes import FILES, check_reading, mutate
    folder = tempfile.mkdtemp()
    corpus = Path(folder) / "corpus"
    corpus.mkdir()
    for name, data in FILES.items():
        (corpus / name).write_bytes(data)

    def one(data: bytes) -> None:
        path = Path(folder) / "f"
        path.write_bytes(data)
        check_reading(path, random.Random(len(data)))

    def change(data: bytes, limit: int, chosen: int) -> bytes:
        return mutate(data, random.Random(chosen))[:limit]

    options = [f"-max_total_time={int(seconds)}", f"-seed={seed}", "-max_len=20000", "-timeout=20"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], one, custom_mutator=change)
    atheris.Fuzz()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=50)
    parser.add_argument("--coverage", action="store_true")
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    if given.coverage:
        run_with_coverage(given.seconds, given.seed)
    sys.exit(bool(run(given.seconds, given.seed, given.every)))


if __name__ == "__main__":
    main()
