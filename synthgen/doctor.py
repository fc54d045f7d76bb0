"""Examines the teachers of a recipe with one tiny request each, before a run relies on them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from synthgen.backends import make_backend
from synthgen.backends.base import Backend
from synthgen.cost import cost
from synthgen.data import Completion, CompletionError, Extract, Request, Transformation, Usage
from synthgen.errors import SynthgenError
from synthgen.estimate import overhead
from synthgen.planning import Teacher, request_id, wire_payload
from synthgen.recipe import Recipe, TeacherSettings
from synthgen.tokens import load_tokenizer
from synthgen.transformations import load_transformations, select

ANSWER_SECONDS = 120.0
"""How long an answer to the tiny request is waited for; a model that thinks first may need a minute."""

PATIENCE = 20.0
"""How long a backend that tries again by itself, as one of batches does, may do so, in seconds."""

Structured = Literal["obeyed", "ignored", "refused", "not sent"]
"""What became of the JSON Schema of a request; `not sent` where the recipe says `structured = false`."""

_TEXT = """Start allopurinol 100 mg once daily in adults with gout. Do not start it during a flare. \
Check serum urate after 4 weeks."""
_EXTRACT = Extract(doc_id="0" * 12, start=0, end=len(_TEXT), text=_TEXT, tokens=32, title="Gout")
_TASK = Transformation(
    name="checkup",
    version=1,
    kind="qa",
    summary="A word in plain text, against a schema that forces an object.",
    instruction="This is a test of the connection. Answer with the single word ready, as plain text, not as JSON.",
    schema={
        "type": "object",
        "required": ["word"],
        "additionalProperties": False,
        "properties": {"word": {"type": "string", "enum": ["ready"]}},
    },
    sampling={"max_tokens": 256},
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a teacher, and what to do about it."""

    what: str
    fix: str


@dataclass(frozen=True, slots=True)
class Needs:
    """Tokens that requests of a recipe need: prompt and answer of an average one, and both of the largest together.

    `largest` has the longest extract and the longest answer that its limit allows; None where an answer has no limit.
    """

    average: Usage
    largest: int | None


@dataclass(frozen=True, slots=True)
class Checkup:
    """What an examination found of one teacher; None stands for what is not known.

    `usable` says whether a run can work with it; there may be `problems` all the same. `answer` is the completion of
    the tiny request, None where none was sent, and `structured` what became of its JSON Schema. `served` is what the
    teacher says it runs, and `context` how many tokens prompt and answer may have together. `usd` is what the
    examination cost, `usd_1000` what 1,000 average requests of the recipe would.
    """

    teacher: str
    model: str | None
    usable: bool = False
    problems: tuple[Problem, ...] = ()
    answer: Completion | None = None
    structured: Structured | None = None
    served: Mapping[str, Any] = field(default_factory=dict)
    context: int | None = None
    usd: float | None = None
    usd_1000: float | None = None


def examine(recipe: Recipe) -> list[Checkup]:
    """Asks each teacher of `recipe` one tiny request, and a second one where the first shows that it refuses a schema.

    A teacher that works in batches is not asked. What is wrong with a teacher is in its checkup; raises a UsageError
    for a recipe that is wrong in itself. Inside a running event loop, use `examine_async`.
    """
    return asyncio.run(examine_async(recipe))


async def examine_async(recipe: Recipe) -> list[Checkup]:
    """The asynchronous twin of `examine`."""
    needs = dict(_needs(recipe))
    return await asyncio.gather(*(_examine(settings, needs[settings.name]) for settings in recipe.priced_teachers))


async def _examine(settings: TeacherSettings, needs: Needs) -> Checkup:
    found = Checkup(settings.name, settings.model)
    try:
        backend = make_backend(settings.model_copy(update={"attempts": 1, "patience": PATIENCE}))
        found = replace(found, usd_1000=_thousand(backend, needs.average))
        backend.check()
        async with backend:
            info = await backend.model_info()
            found = replace(found, served=await backend.served(), context=info.max_model_len if info else None)
            found = await _asked(found, backend) if backend.immediate else replace(found, usable=True)
    except SynthgenError as error:
        return replace(found, problems=(Problem(error.what, error.fix or "mend the teacher's settings"),))
    return replace(found, problems=tuple(_problems(found, settings, needs)))


async def _asked(found: Checkup, backend: Backend) -> Checkup:
    """`found`, and what the tiny request showed."""
    settings = backend.settings
    answers = [await _ask(backend, settings)]
    structured: Structured | None = None
    if settings.model:
        sent = settings.structured and "response_format" not in settings.omit
        structured = ("obeyed" if answers[0].text.lstrip().startswith("{") else "ignored") if sent else "not sent"
        if sent and _refuses_schemas(answers[0].error):
            answers.append(await _ask(backend, settings.model_copy(update={"structured": False})))
            structured = "refused"
    answer = answers[-1]
    spent = [cost(backend, one.usage) for one in answers]
    unknown = None in spent or (answer.usage == Usage() and not backend.local)
    return replace(
        found,
        usable=answer.answered,
        answer=answer,
        structured=structured if answer.answered else None,
        usd=None if unknown else sum(amount or 0.0 for amount in spent),
    )


def _refuses_schemas(error: CompletionError | None) -> bool:
    """Whether the schema may be the reason of an error."""
    return error is not None and (error.error_class == "rejected" or error.code == "structured_output")


async def _ask(backend: Backend, settings: TeacherSettings) -> Completion:
    payload = wire_payload(_TASK, _EXTRACT, 0, Teacher(settings, backend.identity(), backend.local))
    request = Request(request_id(payload, backend.identity(), 0), _EXTRACT, _TASK, settings.name, 0, payload)
    seconds = min(ANSWER_SECONDS, settings.deadline or backend.deadline)
    try:
        async with asyncio.timeout(seconds):
            return await backend.complete(request)
    except TimeoutError:
        error = CompletionError("retryable", "timeout", f"no answer within {seconds:g} seconds")
        return Completion(request.request_id, error=error)


def _problems(found: Checkup, settings: TeacherSettings, needs: Needs) -> Iterator[Problem]:
    if found.answer is not None and found.answer.error:
        yield _no_answer(found.answer.error)
        return
    if found.answer is not None and settings.model:
        yield from _shortcomings(found.answer, found.structured)
    if found.context and needs.largest and needs.largest > found.context:
        what = f"The largest requests need about {needs.largest:,} tokens, and its context has {found.context:,}"
        yield Problem(what, "lower max_tokens in [extracts] or in the teacher's sampling")
    if found.usd_1000 is None:
        yield Problem(
            "Its price is unknown", "give it price_input and price_output, or --price, to see and cap dollars"
        )


def _no_answer(error: CompletionError) -> Problem:
    fixes = {
        "unreachable": "check that it runs, and base_url",
        "disconnected": "check that base_url leads to an OpenAI-compatible server, and its log",
        "bad_answer": "check that base_url leads to an OpenAI-compatible server (it mostly ends in /v1)",
        "rate_limit": "wait until its limit allows more, then try again",
        "timeout": "check that it is not busy or still loading, then try again",
    }
    what = f"{error.code}: {error.message}"
    if error.error_class == "fatal":
        what, _, fix = what.rpartition("; ")
        return Problem(what, fix) if what else Problem(fix, "mend the teacher's settings")
    if error.error_class == "rejected":
        return Problem(what, "if it names a key of the request, such as temperature, list that under `omit`")
    return Problem(what, fixes.get(error.code, "see the server's log, then try again"))


def _shortcomings(answer: Completion, structured: Structured | None) -> Iterator[Problem]:
    """What is wrong with a teacher that answers."""
    if structured == "refused":
        yield Problem("It refuses a JSON Schema (response_format)", "set structured = false for it")
    if structured == "ignored":
        yield Problem(
            "It takes a JSON Schema (response_format) and does not keep to it",
            "serve it with structured outputs on; else answers in another form than asked for are rejected",
        )
    if answer.finish_reason is None:
        yield Problem("It states no finish reason", "its records cannot be kept: a cut answer would not be seen as one")
    elif answer.finish_reason == "length":
        yield Problem(
            f"One word took more than the {_TASK.sampling['max_tokens']} tokens it was given",
            "a model that thinks first needs more: set max_tokens in its sampling",
        )
    elif answer.finish_reason != "stop":
        yield Problem(f"It ended with {answer.finish_reason!r}", "see whether a content filter is on")
    if answer.usage == Usage():
        yield Problem("It does not count tokens (usage)", "each answer will be charged at the worst case in a budget")


def _needs(recipe: Recipe) -> Iterator[tuple[str, Needs]]:
    """What the requests of each teacher need, by its name, as the target tokenizer counts.

    Extracts are taken to be of middling length on average.
    """
    available = load_transformations(Path(recipe.prompts) if recipe.prompts else None)
    wanted = select(available, recipe.transformations)
    count = load_tokenizer(recipe.tokenizer).count
    around = {name: overhead(transformation, count) for name, transformation in wanted.items()}
    middling, longest = (recipe.extracts.min_tokens + recipe.extracts.max_tokens) / 2, recipe.extracts.max_tokens
    for teacher in recipe.teachers:
        asked = [name for name in wanted if not teacher.transformations or name in teacher.transformations]
        weights = sum(recipe.transformations[name] for name in asked)
        share = {name: recipe.transformations[name] / weights for name in asked}
        prompt = sum(share[name] * around[name] for name in asked) + middling
        answer = sum(share[name] * wanted[name].expected_ratio for name in asked) * middling
        limits = [_limit(teacher, wanted[name]) for name in asked]
        answers = [around[name] + longest + limit for name, limit in zip(asked, limits, strict=True) if limit]
        yield (
            teacher.name,
            Needs(Usage(round(prompt), round(answer)), round(max(answers)) if len(answers) == len(asked) else None),
        )


def _limit(teacher: TeacherSettings, transformation: Transformation) -> int | None:
    """The most tokens that an answer may have."""
    payload = wire_payload(transformation, _EXTRACT, 0, Teacher(teacher, {}, local=False))
    return payload.get("max_tokens") or payload.get("max_completion_tokens")


def _thousand(backend: Backend, average: Usage) -> float | None:
    return cost(backend, Usage(1000 * average.prompt, 1000 * average.completion))
