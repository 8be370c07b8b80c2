"""Records that attack whoever shows them, in every field that a page shows. All of them are our own.

A script that ran would set ``window.pwned``; whatever is fetched would be asked of ``AWAY``.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analysis.filters import Filters
from analysis.runner import analyze
from analysis.store import Store, annotations, open_store
from analysis.store.cell_names import CellEdit, set_cell
from analysis.store.importing import import_file
from analysis.store.saved_searches import save_search
from analysis.store.tallies import tallies
from analysis.store.verdicts import settle

AWAY = "http://127.0.0.1:9"
"""Nothing listens there: an address that the pages must not ask for."""

MARKUP = (
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    f'<img src="{AWAY}/img">',
    "<svg/onload=window.pwned=1><animate onbegin=window.pwned=1 attributeName=x dur=1s>",
    "<details open ontoggle=window.pwned=1><summary>s</summary></details>",
    f'<iframe src="{AWAY}/frame" srcdoc="<script>parent.pwned=1</script>"></iframe>',
    f'<style>@import "{AWAY}/css";*{{background:url({AWAY}/bg)}}</style>',
    f'<link rel=stylesheet href="{AWAY}/link"><base href="{AWAY}/">',
    f'<meta http-equiv=refresh content="0;url={AWAY}/meta">',
    f'<form action="{AWAY}/form"><button autofocus onfocus=window.pwned=1>b</button></form>',
    "<a href=javascript:window.pwned=1>link</a>",
    '"\' autofocus onfocus=window.pwned=1 x="',
    "</script></style></textarea></title><script>window.pwned=1</script>",
    "<!--<b>-->]]><?xml?>&lt;script&gt;&#x3C;b&#x3E;",
)
MARKDOWN = (
    f"![image]({AWAY}/md)",
    f"[link](javascript:window.pwned=1) [away]({AWAY}/a) <{AWAY}/auto>",
    f"[![x]({AWAY}/nested)][ref]\n\n[ref]: {AWAY}/ref",
    "| a | b |\n|---|---|\n| <img src=x onerror=window.pwned=1> | **b** |",
    "# heading\n> quote\n- item\n```html\n<b>\n```\n~~gone~~ __init__ *it*",
    ":red[red] :blue-background[b] :material/delete: :streamlit: :small[s] :rainbow[r] :shortcode:",
)
LATEX = (
    r"$x^2$ $$\frac{1}{2}$$",
    rf"$\href{{javascript:window.pwned=1}}{{x}}$ $\url{{{AWAY}/url}}$",
    rf"$\includegraphics[width=9em]{{{AWAY}/katex}}$",
    r"$\htmlStyle{background:url(//127.0.0.1:9/st)}{x}$ $\htmlData{a=b}{x}$ $\htmlId{stMain}{x}$",
    r"$\def\a{\a\a}\a$ $\gdef\b{\b\b}\b$ $\newcommand\c{\c\c}\c$",
    r"$" + r"\frac{1}{" * 60 + "x" + "}" * 60 + "$",
    r"$\rule{9999em}{9999em}$ $\kern{-999em}x$ $\unknown{x}$",
)
CONTROLS = (
    "\u202eright to left\u202c \u2066isolated\u2069 zero\u200bwidth\u2060\ufeff soft\u00adhyphen",
    "\x1b[31mred\x1b[0m \x1b]8;;http://127.0.0.1:9/osc\x07link\x1b]8;;\x07",
    "nul\x00 bell\x07 back\x08 delete\x7f next\x85 line\u2028 paragraph\u2029",
    "tag\U000e0041\U000e0042 private\ue000 unassigned\U000e0fff variation\U000e0100",
    "lone \ud800 surrogates \udfff",
    "Z" + "\u0300" * 40 + "algo ﷽ 👨‍👩‍👧",
)
PLACES = (
    '=HYPERLINK("http://127.0.0.1:9/x","go")',
    "+1+cmd|'/c calc'!A0",
    "@SUM(1)",
    "-2+3",
    "{{7*7}} ${7*7} <%= 7*7 %> #{7*7} {0.__class__} %s %(x)s {{constructor.constructor('window.pwned=1')()}}",
    "%{x} %{customdata[0]} <b>bold</b><br><sup>p</sup> <a href='http://127.0.0.1:9/plot'>plot</a>",
    "__proto__",
    "../../etc/passwd",
    "; DROP TABLE trace_row; -- ' OR 1=1",
)
ALL = (*MARKUP, *MARKDOWN, *LATEX, *CONTROLS, *PLACES)
SHORT = tuple(text for text in ALL if len(text) <= 90)
NAMES = tuple(text for text in SHORT if text.isprintable())
"""What passes where only printable characters may stand."""

FILE_NAME = "<img src=x onerror=window.pwned=1> ![i](x) $x$ :red[r] \u202e'\".jsonl"
ADA, BOB = "Ada <img src=x onerror=window.pwned=1>", "![Bob](http://127.0.0.1:9/bob) :red[b]"
ALL_IN, SOME_IN = len(ALL), 9
"""Payloads in the reasoning of the first question, and of each other."""
FOUND = "unmistakable"
"""A word of each reasoning, so that a search finds them all."""


def reasoning(number: int) -> str:
    """A chain of thought with findings, whose answers, checks and quotes are hostile too."""
    many = ALL_IN if number == 0 else SOME_IN
    bad = list(itertools.islice(itertools.cycle(ALL), number, number + many))
    formulas = "\n".join(f"So {formula} holds." for formula in LATEX) if number == 0 else LATEX[1]
    middle = "\n\n".join(f"Step {n}: {text} and so on." for n, text in enumerate(bad))
    return (
        f"We look for the {FOUND} value {bad[0]} of the question. So the answer is {bad[1]}.\n\n"
        f"{formulas}\n\n"
        f"Let me verify this: {bad[2]} is right. Wait, that is wrong. Let me try another way: {bad[3]}."
        f"\n\n{middle}\n\nHmm, 这里我们需要再检查一下答案是否正确。{bad[4]} 所以答案是 {bad[5]}。\n\n"
        f"Let me double-check: 6 * 7 = 42 {bad[6]}. So the answer is \\boxed{{{number % 3}}} {bad[7]}."
    )


def rows() -> Iterator[dict[str, Any]]:
    """A record for each payload: that payload in its short fields, all of them in its texts."""
    for number, bad in enumerate(ALL):
        name = SHORT[number % len(SHORT)]
        for effort in ("low", name):
            yield {
                "id": f"h-{number}-{effort == 'low'} {name}",
                "question_id": f"q-{number} {name}",
                "question": f"{bad} What is {number}? {bad}",
                "reasoning": reasoning(number),
                "answer": f"{bad}\n\nThe answer is \\boxed{{{number % 3}}}. {bad}",
                "model": f"heron {SHORT[number % 4]}",
                "effort": effort,
                "dataset": f"birds {SHORT[number % 2]}",
                "gold": name if number % 2 else str(number % 3),
                "correct": number % 4 < 2 if effort == "low" else None,
                "extracted_answer": name,
                "finish_reason": name,
                bad: {bad: [bad, {bad: bad}]},
                "note": bad,
                "__proto__": {"pwned": 1},
            }


def write_dump(folder: Path) -> Path:
    """The records as JSON Lines in a file with a hostile name, and lines that are no records."""
    dump = folder / FILE_NAME
    lines = [json.dumps(row) for row in rows()]
    lines += [f'{{"id": "broken {text}' for text in NAMES[:6]]
    dump.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return dump


def build(folder: Path) -> Path:
    """A database of the records, analysed, with hostile words of people in all that they can fill."""
    dump = write_dump(folder)
    database = folder / "hostile.duckdb"
    with open_store(database) as store:
        import_file(store, dump)
        analyze(store, workers=0)
        _people(store)
        for number, name in enumerate(NAMES[:8]):
            save_search(store, f"{number} {name}"[:80], {"q": [f"{FOUND} {name}"]})
        for cell, name in zip(tallies(store, Filters()).cells[:6], NAMES, strict=False):
            set_cell(store, cell, CellEdit(model=f"named {name}", effort=name))
    return database


def _people(store: Store) -> None:
    """Comments, labels, tags and verdicts of two people with hostile names."""
    ids = [
        row[0] for row in store.rows("SELECT trace_id FROM trace_row ORDER BY trace_id LIMIT 12")
    ]
    for number, trace_id in enumerate(ids):
        for who in (ADA, BOB):
            annotations.add(store, trace_id, who, "backtracking", 3, 9 + number)
            annotations.comment(store, trace_id, who, ALL[number].replace("\x00", ""), span=(3, 30))
            annotations.mark(store, trace_id, who, NAMES[number][:40])
        annotations.comment(store, trace_id, ADA, "\n".join(MARKUP + MARKDOWN))
        settle(store, trace_id, ("correct", "wrong")[number % 2], BOB, NAMES[number])
