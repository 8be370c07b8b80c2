"""Rendering a model's own chat template in Jinja's sandbox, with what such templates expect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.engines.protocol import EngineError, Request


def template_arguments(request: Request) -> dict[str, Any]:
    """What a chat template is given: its own arguments, and the effort."""
    arguments = dict(request.template)
    if request.effort is not None:
        arguments.setdefault("reasoning_effort", request.effort)
    return arguments


def render_template(template: str, request: Request) -> str:
    """The prompt as text. Raises ``EngineError`` where the template refuses the turns."""
    from jinja2 import TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def refuse(message: str) -> None:
        raise TemplateError(message)

    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    environment.globals["raise_exception"] = refuse
    turns: list[Mapping[str, str]] = [
        {"role": turn.role, "content": turn.content} for turn in request.messages
    ]
    try:
        return environment.from_string(template).render(
            messages=turns, add_generation_prompt=True, **template_arguments(request)
        )
    except (TemplateError, TypeError) as error:
        raise EngineError(f"The chat template refused the question: {error}") from error
