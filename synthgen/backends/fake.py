"""A teacher that does what it is told, for tests and demonstrations: answers, errors, delays, truncation."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar

from pydantic import Field

from synthgen.backends.base import Backend
from synthgen.data import Completion, CompletionError, ErrorClass, Request, Usage
from synthgen.recipe import TeacherSettings
from synthgen.settings import Settings, Share, validated

Script = Callable[[Request, int], Completion | Awaitable[Completion]]
"""Makes the completion of a request, given the number of the attempt at it (from 1)."""

CHARS_PER_TOKEN = 4
"""For the usage that it reports."""


class FakeOptions(Settings):
    """The `options` of a fake teacher. Each share is of the requests, chosen by their ids."""

    answers: dict[str, str] = {}
    """Answers by the transformation's name; `{id}` in one becomes the first 8 digits of the request id."""
    error_share: Share = 0.0
    error_class: ErrorClass = "retryable"
    succeeds_at: int | None = Field(default=None, ge=2)
    """The attempt at which a request that fails succeeds after all; None for never."""
    truncated_share: Share = 0.0
    empty_share: Share = 0.0
    delay: float = Field(default=0.0, ge=0)
    """Seconds before every answer."""


class FakeBackend(Backend):
    """Without `script`, follows its options; by default, gives each request a valid answer that its id decides."""

    name: ClassVar[str] = "fake"
    local: ClassVar[bool] = True

    def __init__(self, settings: TeacherSettings, script: Script | None = None) -> None:
        super().__init__(settings)
        self.options = validated(FakeOptions, settings.options, where=f"teacher {settings.name}, options")
        self.attempts: Counter[str] = Counter()
        """How often each request id was asked for."""
        self._script = script or self._follow_options

    def identity(self) -> Mapping[str, Any]:
        return {"backend": self.name, "model": self.settings.model, "answers": self.options.answers}

    @property
    def in_flight(self) -> int:
        return self.settings.in_flight or 16

    async def complete(self, request: Request) -> Completion:
        self.attempts[request.request_id] += 1
        completion = self._script(request, self.attempts[request.request_id])
        return await completion if inspect.isawaitable(completion) else completion

    async def _follow_options(self, request: Request, attempt: int) -> Completion:
        options = self.options
        if options.delay:
            await asyncio.sleep(options.delay)
        recovered = options.succeeds_at is not None and attempt >= options.succeeds_at
        if _chosen(request, "error", options.error_share) and not recovered:
            error = CompletionError(options.error_class, "scripted", "this teacher was told to fail")
            return Completion(request.request_id, error=error)
        text = self._text(request)
        if _chosen(request, "empty", options.empty_share):
            return answer(request, "")
        if _chosen(request, "truncated", options.truncated_share):
            return answer(request, text[: len(text) // 2], finish_reason="length")
        return answer(request, text)

    def _text(self, request: Request) -> str:
        scripted = self.options.answers.get(request.transformation.name)
        if scripted is not None:
            return scripted.replace("{id}", _mark(request))
        return default_answer(request)


def answer(request: Request, text: str, *, finish_reason: str = "stop") -> Completion:
    """A completion with `text`, and the usage that goes with it."""
    prompt = sum(len(message["content"]) for message in request.payload.get("messages", ()))
    usage = Usage(prompt=prompt // CHARS_PER_TOKEN, completion=len(text) // CHARS_PER_TOKEN)
    return Completion(request.request_id, text=text, finish_reason=finish_reason, usage=usage)


def default_answer(request: Request) -> str:
    """A valid answer of the transformation's kind, made of the extract's words and the request id."""
    topic = request.extract.title or "the topic"
    pieces = _pieces(request.extract.text)
    head = f"On {topic}, note {_mark(request)}"
    match request.transformation.kind:
        case "text" if request.transformation.layout == "list":
            return "\n".join(f"- {head}, item {number}: {piece}" for number, piece in enumerate(pieces, 1))
        case "text":
            return f"{head}. {' '.join(pieces)}"
        case "qa":
            pairs = [
                {"question": f"{_few(piece)}: what of it ({topic}, {_mark(request)}.{number})?", "answer": piece}
                for number, piece in enumerate(pieces, 1)
            ]
            return json.dumps({"pairs": pairs}, ensure_ascii=False)
        case "mcq":
            return json.dumps(_question(request, head, pieces), ensure_ascii=False)
        case "dialogue":
            turns = [
                {"speaker": ("patient", "doctor")[number % 2], "text": piece}
                for number, piece in enumerate([f"{head}: what should I know?", *pieces])
            ]
            return json.dumps({"turns": turns}, ensure_ascii=False)


def _question(request: Request, head: str, pieces: list[str]) -> dict[str, Any]:
    right = _number(request, "answer") % 5
    options = [f"Not {number}, {_few(pieces[number % len(pieces)])}" for number in range(1, 6)]
    options[right] = pieces[0]
    return {
        "vignette": f"{_few(pieces[-1])}: of this a patient is told. {head}.",
        "question": "Which of the following applies to this patient?",
        "options": options,
        "answer": "ABCDE"[right],
        "explanation": f"This is said: {pieces[0]}",
    }


def _few(piece: str) -> str:
    """The first words of a piece."""
    return " ".join(piece.split()[:6])


def _pieces(text: str) -> list[str]:
    """Up to 8 runs of words of the extract, in order; at least one."""
    words = re.findall(r"\S+", text)
    size = max(1, -(-len(words) // 8))
    return [" ".join(words[start : start + size]) for start in range(0, len(words), size)] or ["Nothing is stated."]


def _mark(request: Request) -> str:
    return request.request_id[:8]


def _chosen(request: Request, what: str, share: float) -> bool:
    """Whether `request` belongs to the share of requests to which `what` happens."""
    return _number(request, what) < share * 2**32


def _number(request: Request, what: str) -> int:
    """A number below 2**32 that depends on nothing but the request id and `what`."""
    digest = hashlib.sha256(f"{what}:{request.request_id}".encode()).digest()
    return int.from_bytes(digest[:4], "big")
