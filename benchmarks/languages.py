"""Speed of the language-mixing analyzer: python -m benchmarks.languages [--mb 4] [--texts FILE.jsonl]

Rate (MB of text a CPU second on one core, masks included, sentences not), peak memory and cold start
(import, word lists and the first short text), each in a process of its own and in CPU seconds. Texts
are made from the sample traces, pure and with foreign words put in; ``--texts`` adds a file of
records with ``text`` or ``reasoning``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

SAMPLES = Path(__file__).resolve().parent.parent / "sample_traces"
CHILD = """
import json, resource, sys, time
started = time.process_time()
from analysis.analyzers.language_mixing import LanguageMixing
from analysis.model import Document
analyzer = LanguageMixing()
analyzer.analyze(Document('x', 'Let us see what this word is, quizás, and go on with the work.'))
cold = time.process_time() - started
texts = [json.loads(line) for line in open(sys.argv[1], encoding='utf-8')]
documents = [Document(str(i), text) for i, text in enumerate(texts)]
started = time.process_time()
spans = sum(len(analyzer.analyze(document).findings) for document in documents)
spent = time.process_time() - started
size = sum(len(text.encode()) for text in texts) / 1e6
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - size
print(json.dumps({'texts': len(texts), 'mb': size, 'mb_per_s': size / spent, 'spans': spans,
                  'peak_mb': peak, 'cold_s': cold}))
"""
SLIPS = (
    "陷阱",
    "误以为",
    "парсил",
    "por lo tanto",
    "das ist nicht richtig",
    "chaque",
    "donc",
    "ดังนั้น",
)


def pure(megabytes: float) -> list[str]:
    """English texts of the samples, each different."""
    rows = [
        json.loads(line)["reasoning"]
        for file in sorted(SAMPLES.glob("math_*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    texts: list[str] = []
    size = 0
    while size < megabytes * 1e6:
        number = len(texts)
        text = f"Case {number}. " + rows[number % len(rows)].replace("7", str(number % 10))
        size += len(text.encode())
        texts.append(text)
    return texts


def mixed(texts: list[str]) -> list[str]:
    """The same with a foreign word or phrase in every 20th sentence."""
    out = []
    for number, text in enumerate(texts):
        pieces = text.split(". ")
        for at in range(number % 20, len(pieces), 20):
            pieces[at] += " " + SLIPS[(number + at) % len(SLIPS)]
        out.append(". ".join(pieces))
    return out


def measure(name: str, texts: list[str]) -> None:
    """Run a child over texts and print its figures."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        for text in texts:
            file.write(json.dumps(text, ensure_ascii=False) + "\n")
        file.flush()
        done = subprocess.run(
            [sys.executable, "-c", CHILD, file.name], check=True, capture_output=True, text=True
        )
    figures = json.loads(done.stdout)
    print(
        f"{name:24} {figures['texts']:5} texts {figures['mb']:6.2f} MB  {figures['mb_per_s']:5.2f} MB/s  "
        f"{figures['spans']:5} spans  peak {figures['peak_mb']:4.0f} MB less the text  "
        f"cold start {figures['cold_s']:.2f} s"
    )


def main() -> None:
    """Print one line a kind of text."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mb", type=float, default=4.0)
    parser.add_argument("--texts", type=Path, action="append", default=[])
    args = parser.parse_args()
    texts = pure(args.mb)
    measure("English, no mixing", texts)
    measure("English, mixed", mixed(texts))
    for path in args.texts:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        measure(path.stem, [row.get("text") or row.get("reasoning") or "" for row in rows])


if __name__ == "__main__":
    main()
