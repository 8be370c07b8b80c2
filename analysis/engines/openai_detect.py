"""What an OpenAI-compatible server is and can do, by what it answers.

Its kind by ``/version`` and the owners in ``/v1/models``, token ids by ``/tokenize``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from analysis.engines.http_client import Client
from analysis.engines.openai_reply import token_list


@dataclass(frozen=True, slots=True)
class Server:
    """What was detected of a server."""

    kind: str
    """'vllm', 'sglang', 'llamacpp', 'ollama' or 'openai' (anything else)."""
    version: str | None
    models: tuple[str, ...]
    token_ids: bool
    context: int | None = None
    """Tokens of prompt and reply together that the model takes, where the server tells."""


def detect(client: Client, model: str | None) -> Server:
    """Ask a server what it is; ``model`` None is the first that it lists.

    Raises ``EngineUnavailableError`` where it cannot be reached.
    """
    listed = client.get("/models")
    rows = listed.get("data") if isinstance(listed, dict) else None
    rows = [r for r in rows if isinstance(r, dict)] if isinstance(rows, list) else []
    models = tuple(str(r["id"]) for r in rows if r.get("id"))
    owners = {str(r.get("owned_by")) for r in rows}
    version = client.get("/version", base=client.root)
    told = version.get("version") if isinstance(version, dict) else None
    if owners & {"llamacpp"}:
        kind = "llamacpp"
    elif "sglang" in owners:
        kind = "sglang"
    elif "vllm" in owners:
        kind = "vllm"
    elif owners & {"library"}:
        kind = "ollama"
    else:
        kind = "openai"
    own = kind in ("vllm", "sglang", "llamacpp")
    name = model or (models[0] if models else "")
    ids = own and token_list(tokenized(client, kind, name, "a")) is not None
    row: dict[str, Any] = next((r for r in rows if r.get("id") == name), {})
    return Server(kind, str(told)[:50] if told else None, models, ids, _context(row))


def _context(row: dict[str, Any]) -> int | None:
    """The length that a row of ``/v1/models`` tells: vLLM's and SGLang's, or llama.cpp's."""
    meta = row.get("meta")
    told = row.get("max_model_len", meta.get("n_ctx") if isinstance(meta, dict) else None)
    return told if isinstance(told, int) and told > 0 else None


def tokenized(client: Client, kind: str, model: str, text: str) -> Any:
    """What a server of a kind answers when it is asked for the token ids of a text."""
    if kind == "llamacpp":
        body = {"content": text, "add_special": False, "parse_special": True}
    else:
        body = {"model": model, "prompt": text, "add_special_tokens": False}
    return client.ask("/tokenize", body, base=client.root)
