"""What requests cost, in US dollars: pure sums over prices, token counts and completions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Protocol

import orjson

from synthgen.data import Completion, Usage
from synthgen.recipe import TeacherSettings


class Priced(Protocol):
    """A teacher or its backend: who may have prices, and may work without any where it is local."""

    @property
    def settings(self) -> TeacherSettings: ...

    @property
    def local(self) -> bool: ...

    @property
    def price_factor(self) -> float: ...


MAYBE_BILLED = frozenset({"timeout", "disconnected", "bad_answer", "given_up", "missing", "http_408", "http_504"})
"""Codes of errors after which the teacher may have done, and billed, the work: its answer was lost on the way."""


def cost(teacher: Priced, usage: Usage) -> float | None:
    """What `usage` costs at the teacher's prices. Without both of them 0 for a local teacher, unknown (None) else."""
    settings = teacher.settings
    if settings.price_input is None or settings.price_output is None:
        return 0.0 if teacher.local else None
    cached = settings.price_input if settings.price_cached is None else settings.price_cached
    read = min(usage.cached, usage.prompt)
    spent = (usage.prompt - read) * settings.price_input + read * cached + usage.completion * settings.price_output
    return teacher.price_factor * spent / 1e6


def worst_case(teacher: Priced, payload: Mapping[str, Any]) -> float | None:
    """The most that one attempt can cost; None where a price or a limit on the answer's length is missing.

    A prompt has at most as many tokens as its JSON has bytes, whatever the teacher's tokenizer and chat template.
    """
    if cost(teacher, Usage(1, 1)) == 0:
        return 0.0
    limit = payload.get("max_tokens") or payload.get("max_completion_tokens")
    return cost(teacher, Usage(len(orjson.dumps(payload, default=dict)), limit)) if limit else None


def charge(teacher: Priced, completion: Completion, worst: float) -> float:
    """What an attempt counts as: its usage, or `worst` where it may have been billed and did not say for how much.

    0 where the price is unknown.
    """
    if completion.usage != Usage():
        return cost(teacher, completion.usage) or 0.0
    error = completion.error
    return worst if error is None or error.code in MAYBE_BILLED else 0.0


def dollars(usd: float) -> str:
    """`12.5` as `$12.50`; less than ten cents with two digits that count, `0.00312` as `$0.0031`."""
    digits = 2 if not 0 < usd < 0.1 else 1 - math.floor(math.log10(usd))
    whole, cents = f"{usd:,.{digits}f}".split(".")
    return f"${whole}.{cents[:2]}{cents[2:].rstrip('0')}"
