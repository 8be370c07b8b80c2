"""A printed table as LaTeX (booktabs) or Markdown; text of traces can do nothing in either."""

from __future__ import annotations

import re
from collections.abc import Sequence

from analysis.export.printing import Column, PrintTable

LONG_ROWS = 40
"""A longer table breaks over pages (longtable)."""
_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"{\ttfamily\char34}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "[": "{[}",
    "]": "{]}",
    "–": r"\textendash{}",
    "…": r"\dots{}",
    "⟦": "{[}",
    "⟧": "{]}",
}
"""What means something in LaTeX, or joins with its neighbour; brackets could be an option of a row."""
_LATEX_PATTERN = re.compile("[" + re.escape("".join(_LATEX)) + "]")
_HYPHENS = re.compile(r"-(?=-)")
"""Two would become a dash."""
_WWW = re.compile(r"(?<=www)\.", re.IGNORECASE)
"""GitHub makes a link of it without any markup."""
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|~$:@^=])")
_ENTITIES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}


def latex_text(text: str) -> str:
    """Plain text for a LaTeX document in UTF-8."""
    escaped = _LATEX_PATTERN.sub(lambda found: _LATEX[found[0]], " ".join(text.split()))
    return _HYPHENS.sub("-{}", escaped)


def markdown_text(text: str) -> str:
    """Plain text for a cell of a Markdown table: no markup of it acts, no line or cell ends in it."""
    return _WWW.sub(r"\\.", _MARKDOWN.sub(r"\\\1", " ".join(text.split())).translate(_ENTITIES))


def latex_table(table: PrintTable) -> bytes:
    """The table as a float, or as a longtable beyond ``LONG_ROWS``; definitions as comments."""
    long = len(table.rows) > LONG_ROWS
    packages = r"\usepackage{booktabs,longtable}" if long else r"\usepackage{booktabs}"
    lines = [
        f"% {_comment(_made_by(table))}",
        f"% Needs {packages}",
        *(f"% {_comment(c.heading)}: {_comment(c.definition)}" for c in table.columns),
    ]
    spec = "".join("r" if column.numeric else "l" for column in table.columns)
    head = _row([latex_text(column.heading) for column in table.columns])
    body = [_row(list(map(_latex_cell, row, table.columns))) for row in table.rows]
    caption = rf"\caption{{{latex_text(table.caption)}}}"
    label = rf"\label{{tab:{table.name}}}"
    if long:
        lines += [
            rf"\begin{{longtable}}{{{spec}}}",
            rf"{caption}{label}\\",
            *(r"\toprule", head, r"\midrule", r"\endfirsthead"),
            *(r"\toprule", head, r"\midrule", r"\endhead"),
            *(r"\bottomrule", r"\endlastfoot"),
            *body,
            r"\end{longtable}",
        ]
    else:
        lines += [
            r"\begin{table}",
            r"\centering\small",
            caption,
            label,
            rf"\begin{{tabular}}{{{spec}}}",
            *(r"\toprule", head, r"\midrule", *body, r"\bottomrule"),
            r"\end{tabular}",
            r"\end{table}",
        ]
    return ("\n".join(lines) + "\n").encode()


def markdown_table(table: PrintTable) -> bytes:
    """The table as GitHub-flavoured Markdown, with caption, definitions and versions."""
    lines = [
        markdown_text(table.caption),
        "",
        _md_row([markdown_text(column.heading) for column in table.columns]),
        _md_row(["---:" if column.numeric else "---" for column in table.columns]),
        *(_md_row([markdown_text(cell) for cell in row]) for row in table.rows),
        "",
        *_definitions(table.columns),
        "",
        markdown_text(_made_by(table)),
    ]
    return ("\n".join(lines) + "\n").encode()


def _definitions(columns: Sequence[Column]) -> list[str]:
    return [
        f"- **{markdown_text(c.heading)}**: {markdown_text(c.definition)}"
        for c in columns
        if c.definition
    ]


def _made_by(table: PrintTable) -> str:
    about = table.about
    return (
        f"CoTScope {about['version']}; table {table.name}; analyzers: {about['analyzers']};"
        f" filter: {about.get('filters', 'none')}"
    )


def _comment(text: str) -> str:
    return " ".join(text.split())


def _latex_cell(text: str, column: Column) -> str:
    """A number has a minus sign, not a hyphen."""
    return latex_text(text).replace("-", "$-$") if column.numeric else latex_text(text)


def _row(cells: Sequence[str]) -> str:
    return " & ".join(cells) + r" \\"


def _md_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
