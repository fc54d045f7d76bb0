"""What requests cost, in US dollars: pure sums over prices, token counts and completions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synthgen.data import Completion, Usage
from synthgen.recipe import TeacherSettings

MAYBE_BILLED = frozenset({"timeout", "disconnected", "bad_answer"})
"""Codes of errors after which the teacher may have done, and billed, the work: its answer was lost on the way."""


def cost(settings: TeacherSettings, usage: Usage) -> float | None:
    """What `usage` costs at the teacher's prices; None where it has not both of them."""
    if settings.price_input is None or settings.price_output is None:
        return None
    return (usage.prompt * settings.price_input + usage.completion * settings.price_output) / 1e6


def worst_case(settings: TeacherSettings, prompt_tokens: int, payload: Mapping[str, Any]) -> float | None:
    """The most that one attempt can cost; None where a price or a limit on the answer's length is missing."""
    limit = payload.get("max_tokens") or payload.get("max_completion_tokens")
    return cost(settings, Usage(prompt_tokens, limit)) if limit else None


def charge(settings: TeacherSettings, completion: Completion, worst: float) -> float:
    """What an attempt counts as: its usage, or `worst` where it may have been billed and did not say for how much."""
    if completion.usage != Usage():
        return cost(settings, completion.usage) or 0.0
    error = completion.error
    return worst if error is None or error.code in MAYBE_BILLED else 0.0
