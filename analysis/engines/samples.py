"""The stored samples of a run, as strategies choose among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from analysis.answers.extract import final_answer
from analysis.engines.strategies import Sampled
from analysis.store.connection import Store
from analysis.store.traces import one_trace

_SQL = (
    "SELECT t.trace_id, t.external_id, t.question_id, t.effort, t.sample_index, t.correct,"
    " t.prompt_tokens, t.completion_tokens, t.reasoning_tokens, t.error"
    " FROM trace_row t JOIN file f USING (file_id)"
    " WHERE starts_with(f.name, $name) AND t.format_id = 'cotscope_run'"
    " ORDER BY t.question_id, t.effort, t.sample_index, t.error NULLS FIRST, t.trace_id"
)
_KEPT = ("model", "dataset", "system_prompt", "thinking_budget_tokens", "finish_reason", "question")


@dataclass(frozen=True, slots=True)
class Stored:
    """A trace of a run without its texts, which are read when they are needed."""

    trace_id: str
    key: str | None
    question_id: str | None
    effort: str | None
    sample: int
    correct: bool | None
    prompt_tokens: int | None
    completion_tokens: int | None
    reasoning_tokens: int | None
    error: str | None

    def seen(self, store: Store) -> Sampled:
        """The sample with its texts, final answer, and mean log-probability if it is known."""
        trace = one_trace(store, self.trace_id) or {}
        metadata = orjson.loads(trace.get("metadata") or "{}")
        used = metadata.get("used")
        logprob = used.get("mean_logprob") if isinstance(used, dict) else None
        reasoning, answer = trace.get("reasoning") or "", trace.get("answer") or ""
        found = final_answer(answer, reasoning)
        told = trace.get("extracted_answer") or (found.raw if found else None)
        known = float(logprob) if isinstance(logprob, int | float) else None
        return Sampled(told, answer, reasoning, known, trace.get("score"))

    def line(
        self,
        store: Store,
        *,
        effort: str,
        label: str,
        sample: int,
        strategy: dict[str, Any],
        **tokens: int | None,
    ) -> dict[str, Any]:
        """A line of a journal with the text of this trace, for a strategy that settled on it.

        ``effort`` is the cell before the strategy, ``label`` what the strategy adds to its name.
        """
        trace = one_trace(store, self.trace_id) or {}
        metadata = orjson.loads(trace.get("metadata") or "{}")
        kept = {name: trace.get(name) for name in _KEPT}
        judged = (trace.get("correct_source") or "").startswith("reasoning-gym ")
        line = {
            **kept,
            "key": f"{self.question_id}/{effort}+{label}/{sample}",
            "question_id": self.question_id,
            "gold": trace.get("gold_answer"),
            "sample_index": sample,
            "effort": f"{effort} + {label}",
            "reasoning": trace.get("reasoning"),
            "answer": trace.get("answer"),
            "engine": metadata.get("engine"),
            "asked": metadata.get("asked"),
            "gym": metadata.get("gym"),
            "strategy": strategy,
            "correct": trace.get("correct") if judged else None,
            "correct_source": trace.get("correct_source") if judged else None,
            "score": trace.get("score") if judged else None,
            **tokens,
        }
        return {name: value for name, value in line.items() if value is not None}


def samples_of(store: Store, run_id: str) -> list[Stored]:
    """The traces of a run by question, effort and sample; of several attempts at one trace, the one
    that went well."""
    found: dict[str | None, Stored] = {}
    for row in store.rows(_SQL, {"name": f"run {run_id} "}):
        one = Stored(*row)
        found.setdefault(one.key, one)
    return list(found.values())
