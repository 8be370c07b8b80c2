"""Documents that are made from the accuracy table: a card of the detectors, a section of a guide.

    python -m analysis.evaluation.cards [ROOT]

The same table gives the same bytes; nothing of a trace is in them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.analyzers.registry import label_definitions
from analysis.errors import InputError
from analysis.evaluation.accuracy import ALL, FEW, published
from analysis.evaluation.families import FAMILIES
from analysis.evaluation.sources import describe

BEGIN, END = "<!-- accuracy:begin -->", "<!-- accuracy:end -->"
CARD = Path("docs") / "analyzers" / "behaviours.md"
GUIDE = Path("docs") / "behaviours.md"
_HEAD = (
    "| label | source | who labelled | models | traces | n | P | R | F1 | 95 % | near F1 |\n"
    "|---|---|---|---|--:|--:|--:|--:|--:|---|--:|"
)


def write_documents(content: Mapping[str, Any] | None = None, root: Path = Path()) -> list[Path]:
    """Write the card, and the marked section of the guide where it has the marks.

    ``content`` is that of ``accuracy.json``; None: the one that ships.
    """
    content = content if content is not None else _shipped()
    card = root / CARD
    card.parent.mkdir(parents=True, exist_ok=True)
    card.write_text(make_card(content), encoding="utf-8")
    written = [card]
    guide = root / GUIDE
    if guide.is_file():
        text = guide.read_text(encoding="utf-8")
        if BEGIN in text:
            guide.write_text(with_section(text, content), encoding="utf-8")
            written.append(guide)
    return written


def make_card(content: Mapping[str, Any]) -> str:
    """The card: what the detectors find, how they were measured, every figure."""
    rows = content["rows"]
    labels = list(dict.fromkeys(row["label"] for row in rows))
    definitions = label_definitions()
    ordered = [label for label in definitions if label in labels]
    parts = [
        "# Behaviours: how right the detectors are",
        "Written from `analysis/evaluation/accuracy.json` by `python -m analysis.evaluation.publish`;"
        " do not edit. How it is measured: [evaluation.md](../evaluation.md).",
        _method(content),
        "## In short",
        "How often a finding is right (precision), with n found and its 95 % interval, over all sources"
        " of a kind, each text once. The Reader shows these beside each finding.",
        short_table(content),
        "## All figures",
        "n: labelled segments. P, R, F1: precision, recall and their harmonic mean; near F1 forgives a"
        " shift of up to two segments. Interval: of F1, bootstrap over traces.",
        "\n".join([_HEAD, *_lines(rows, ordered)]),
        "## Labels",
        "\n".join(f"- **{label}**: {definitions[label]}" for label in ordered),
        "## Sources",
        "\n".join(_sources(rows)),
        "## Model families",
        "\n".join(f"- **{name}**: {note}" for name, _, note in FAMILIES),
    ]
    missing = content["labels_not_detected"]
    if missing:
        parts += ["## Not detected", "Labels of the data without a detector: " + ", ".join(missing)]
    return "\n\n".join(parts) + "\n"


def section(content: Mapping[str, Any]) -> str:
    """What stands between the marks of the guide."""
    return "\n\n".join(
        [
            _method(content),
            short_table(content),
            "Every figure: [analyzers/behaviours.md](analyzers/behaviours.md).",
        ]
    )


def with_section(text: str, content: Mapping[str, Any]) -> str:
    """``text`` with a new section between its marks. Raises ``InputError`` where the end is missing."""
    before, _, rest = text.partition(BEGIN)
    if END not in rest:
        raise InputError(f"{GUIDE} has {BEGIN} but not {END}.", remedy="Put the end mark back.")
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n\n{section(content)}\n\n{END}{after}"


def short_table(content: Mapping[str, Any]) -> str:
    """Precision by label and family."""
    head = "| label | models | who labelled | right | found | precision | 95 % | recall | F1 |\n"
    lines = [head + "|---|---|---|--:|--:|--:|---|--:|--:|"]
    for row in content["pooled"]:
        if not row["n_predicted"] and not row["n"]:
            continue
        family = "all" if row["family"] == ALL else row["family"]
        few = " (few)" if row["n_predicted"] < FEW else ""
        lines.append(
            f"| {row['label']} | {family} | {_who(row)} | {row['tp']:,} | {row['n_predicted']:,}{few} |"
            f" {_share(row['precision'])} | {_ends(row, 'precision')} | {_share(row['recall'])} |"
            f" {_share(row['f1'])} |"
        )
    return "\n".join(lines)


def _method(content: Mapping[str, Any]) -> str:
    boot = content["bootstrap"]
    left_out = content["n_degenerate_left_out"] + content["n_failed"]
    more = f" {left_out:,} more were left out." if left_out else ""
    return (
        f"Detectors: {content['detector']}. Measured on {content['n_traces']:,} labelled traces,"
        f" {content['split']}.{more} Intervals: 95 %, {boot['resamples']:,} resamples of traces, seed"
        f" {boot['seed']}. CoTScope {content['cotscope']}."
    )


def _lines(rows: Sequence[Mapping[str, Any]], labels: Iterable[str]) -> list[str]:
    return [
        f"| {row['label']} | {row['source']} | {_who(row)} | {row['family'] or 'all'} |"
        f" {row['n_traces']:,} | {row['n']:,} | {_share(row['precision'])} | {_share(row['recall'])} |"
        f" **{_share(row['f1'])}** | {_ends(row, 'f1')} | {_share(row['near_f1'])} |"
        for label in labels
        for row in rows
        if row["label"] == label and row["model"] is None
    ]


def _sources(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = []
    for name in sorted({row["source"] for row in rows}):
        known = describe(name)
        paper = f" (arXiv {known.paper})" if known and known.paper else ""
        about = f"{known.title}{paper}. {known.note}" if known else "No description."
        lines.append(f"- **{name}**: {about}")
    return lines


def _who(row: Mapping[str, Any]) -> str:
    kind = str(row["annotator_kind"])
    return {"human": "people", "llm": "LLM"}.get(kind, kind)


def _share(value: float | None) -> str:
    if value is None:
        return "–"
    return "1.00" if value >= 0.995 else f"{value:.2f}".removeprefix("0")


def _ends(row: Mapping[str, Any], name: str) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return "–" if low is None or high is None else f"{_share(low)}-{_share(high)}"


def _shipped() -> dict[str, Any]:
    table = published()
    return {
        **table.about,
        "detector": table.detector,
        "split": table.split,
        "rows": list(table.rows),
        "pooled": list(table.pooled),
        "gold": dict(table.gold),
    }


if __name__ == "__main__":
    for path in write_documents(root=Path(sys.argv[1]) if len(sys.argv) > 1 else Path()):
        sys.stdout.write(f"{path}\n")
