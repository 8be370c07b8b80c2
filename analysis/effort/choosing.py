"""Naming a cell or a data set in one word: ``o3-mini@high``, ``model:low``, ``aime25/qwq@32k``."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from analysis.effort.tallies import Tallies, Tally
from analysis.errors import UsageError

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Side:
    """What a name chooses: one cell, or all cells of a data set."""

    name: str
    kind: str
    """'cell' or 'dataset'."""
    cells: Sequence[Tally]


def sides(found: Tallies, name: str) -> Side:
    """The cell or data set of this name. Case and spaces around '@' do not matter.

    Tried in turn: a cell's label, a data set, then DATASET/MODEL@EFFORT, MODEL@EFFORT,
    MODEL:EFFORT and MODEL alone where it has one cell; the model and the effort as they are stated
    or as they are recognised. Raises ``UsageError`` with near names where there is none, and with
    the candidates where there are several.
    """
    wanted = _plain(name)
    for cell in found.cells:
        if _plain(cell.label) == wanted:
            return Side(cell.label, "cell", [cell])
    exact = [d for d in found.datasets if d == name] or [
        d for d in found.datasets if _plain(d) == wanted
    ]
    if len(exact) == 1:
        return Side(exact[0], "dataset", found.of_dataset(exact[0]))
    hits = [c for c in found.cells if any(_plain(alias) == wanted for alias in _aliases(c))]
    if len(hits) == 1:
        return Side(hits[0].label, "cell", hits)
    if hits:
        raise UsageError(
            f"{name!r} names {len(hits)} cells.",
            remedy=f"Say which: {_listed(f'{c.cell.dataset}/{_short(c)}' for c in hits)}.",
        )
    raise _unknown(found, name)


def _aliases(cell: Tally) -> Iterator[str]:
    models = {m for m in (cell.name.model, cell.cell.model) if m}
    models |= {m for m, _ in cell.stated if m}
    efforts = {e for e in (cell.cell.effort, cell.name.effort, cell.name.setting) if e}
    efforts |= {e for _, e in cell.stated if e}
    if cell.name.checkpoint:
        efforts.add(cell.name.checkpoint)
    if cell.name.budget_tokens is not None:
        number = cell.name.budget_tokens
        efforts |= {str(number), f"{number:,}", f"{number} tokens"}
        if number % 1000 == 0:
            efforts.add(f"{number // 1000}k")
    for model in models:
        for plain in (model, *(f"{model}{sep}{e}" for e in efforts for sep in "@:")):
            yield plain
            yield f"{cell.cell.dataset}/{plain}"


def _short(cell: Tally) -> str:
    model, effort = cell.cell.model or "(not stated)", cell.cell.effort
    return model if effort is None else f"{model}@{effort}"


def _unknown(found: Tallies, name: str) -> UsageError:
    known = [*(c.label for c in found.cells), *found.datasets]
    plain = {_plain(k): k for k in known}
    near = difflib.get_close_matches(_plain(name), list(plain), n=_SHOWN, cutoff=0.4)
    shown = [plain[n] for n in near] or known[:_SHOWN]
    what = "Did you mean" if near else "There are"
    return UsageError(
        f"There is no cell or data set {name!r}.",
        remedy=f"{what}: {_listed(shown)}{'?' if near else '.'}"
        if shown
        else "The database holds no traces; import some first.",
    )


def _listed(names: Iterable[str]) -> str:
    found = list(names)
    return "; ".join(found[:_SHOWN]) + (" ..." if len(found) > _SHOWN else "")


def _plain(name: str) -> str:
    return "@".join(" ".join(part.split()) for part in name.casefold().split("@"))
