"""Records as chat programs and agents store them; the names are those of docs/formats.md, 'Systems'."""

from __future__ import annotations

from typing import Any

import pytest

from tests.systems.support import Case, Rows, case, differences, document, lines

Q, R, A = "How many sides has a dodecagon?", "Dodeca is twelve: 10 < 12.\n\nYes.", "Twelve."
FULL: dict[str, Any] = {
    "question": Q,
    "reasoning": R,
    "answer": A,
    "reasoning_kind": "visible",
    "truncated": False,
}
QUOTED = "\n".join(f"> {line}" for line in R.split("\n"))
ESCAPED = "\n".join(f"&gt; {line.replace('<', '&lt;')}" for line in R.split("\n"))
OPEN_WEBUI = '<details type="reasoning" done="true" duration="4">\n<summary>Thought for 4 seconds</summary>\n'


def step(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "contentBlock", "content": [{"type": "text", "text": text}], **more}


CASES: dict[str, Case] = {
    "Open WebUI": lines(
        ({"question": Q, "response": f"{OPEN_WEBUI}{QUOTED}\n</details>\n{A}"}, FULL),
        ({"messages": [{"role": "user", "content": Q}, {"role": "assistant", "content": f"{OPEN_WEBUI}{ESCAPED}\n</details>\n{A}"}]},
         FULL),
    ),
    "LibreChat": lines(
        ({"conversationId": "c", "messages": [
            {"messageId": "1", "sender": "User", "isCreatedByUser": True, "text": Q},
            {"messageId": "2", "sender": "R1", "isCreatedByUser": False, "text": "", "model": "r1",
             "content": [{"type": "think", "think": R}, {"type": "text", "text": A}]}]}, {**FULL, "model": "r1"}),
        ({"question": Q, "response": f":::thinking\n{R}\n:::\n{A}"}, FULL),
    ),
    "LM Studio": document(
        {"name": "x", "messages": [
            {"versions": [{"type": "singleStep", "role": "user", "content": [{"type": "text", "text": Q}]}], "currentlySelected": 0},
            {"versions": [{"role": "assistant", "steps": [step("an older reply")]},
                          {"role": "assistant", "senderInfo": {"senderName": "qwq-32b"},
                           "steps": [step(R, style={"type": "thinking", "ended": True}), step(A)]}], "currentlySelected": 1}]},
        {**FULL, "model": "qwq-32b"},
    ),
    "Gemini CLI": document(
        {"sessionId": "s", "messages": [
            {"id": "1", "type": "user", "content": Q},
            {"id": "2", "type": "gemini", "content": A, "model": "gemini-2.5-pro", "thoughts": [{"subject": "Plan", "description": R}],
             "tokens": {"input": 9, "output": 4, "thoughts": 30, "total": 43}}]},
        {**FULL, "reasoning": f"**Plan**\n\n{R}", "reasoning_kind": "summary", "model": "gemini-2.5-pro",
         "prompt_tokens": 9, "completion_tokens": 34, "reasoning_tokens": 30},
    ),
    "OpenHands": case(
        {"instance_id": "i", "history": [
            {"id": 0, "source": "agent", "action": "system", "args": {"content": "Be exact."}},
            {"id": 1, "source": "user", "action": "message", "message": Q, "args": {"content": Q}},
            {"id": 2, "source": "agent", "action": "run", "args": {"command": "ls", "thought": "Let me look."}},
            {"id": 3, "source": "agent", "observation": "run", "content": "a.txt"},
            {"id": 4, "source": "agent", "action": "think", "args": {"thought": R}},
            {"id": 5, "source": "agent", "action": "finish", "message": A, "args": {"final_thought": A}}]},
        {**FULL, "system_prompt": "Be exact."},
    ),
    "Grok export": document(
        {"conversations": [{"conversation": {"id": "c"}, "responses": [
            {"response": {"_id": "1", "message": Q, "sender": "human"}},
            {"response": {"_id": "2", "message": A, "sender": "ASSISTANT", "thinking_trace": R, "model": "grok-3"}}]}]},
        {**FULL, "model": "grok-3"},
    ),
    "LlamaIndex": case(
        {"messages": [{"role": "user", "blocks": [{"block_type": "text", "text": Q}]},
                      {"role": "assistant", "blocks": [{"block_type": "thinking", "content": R}, {"block_type": "text", "text": A}]}]},
        FULL,
    ),
    "Haystack": case(
        {"prompt": Q, "replies": [{"role": "assistant", "meta": {"model": "r1", "usage": {"prompt_tokens": 3, "completion_tokens": 20}},
                                   "content": [{"reasoning": {"reasoning_text": R, "extra": {}}}, {"text": A}]}]},
        {**FULL, "model": "r1", "prompt_tokens": 3, "completion_tokens": 20},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_records(name: str, rows: Rows) -> None:
    assert differences(rows[name], CASES[name].traces) == []
