"""Extracts x transformations x teachers to requests.

A plan is lazy: it holds no request, and makes them anew each time it is iterated, always the same and in the same order
(extract by extract, so that the requests of one extract share a cached prefix). Every choice in it is drawn from hashes
of contents, so that another host, or the same one a month later, plans the same requests.
"""

from __future__ import annotations

import hashlib
import math
from array import array
from bisect import bisect_left
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

import orjson

from synthgen.data import Extract, Request, Transformation
from synthgen.recipe import TeacherSettings
from synthgen.transformations import messages, suits


@dataclass(frozen=True, slots=True)
class Teacher:
    """A teacher as the plan sees it: its settings, and its backend's identity."""

    settings: TeacherSettings
    identity: Mapping[str, Any]
    local: bool
    price_factor: float = 1.0

    def answers(self, transformation: str) -> bool:
        """Whether the teacher is to be asked for this transformation."""
        return self.settings.answers(transformation)


@dataclass(frozen=True, slots=True)
class Shard:
    """Part `number` (from 1) of `of` parts that the extracts are dealt into by the hash of their text."""

    number: int
    of: int

    def holds(self, extract: Extract) -> bool:
        return math.floor(_uniform(_seed(extract), "shard") * self.of) == self.number - 1

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


Emphasis = Callable[[Extract], float]
"""How much an extract counts, as a number above 0; 1 is as much as any other."""


def even(extract: Extract) -> float:
    """The emphasis of a plan in which all extracts count alike."""
    return 1.0


@dataclass(frozen=True)
class Plan:
    """The requests of a run, as a re-iterable.

    `extracts` gives the extracts anew at each call. `weights` say how many samples each transformation gets relative
    to the others; the largest gets `rounds` samples of every extract: 2.5 is two of each, and a third of half of them,
    chosen by hash. No transformation uses an extract a second time before it has used all of them once.
    `emphasis` says how much an extract counts in the choice, and after the first round (see `paced`).
    """

    extracts: Callable[[], Iterable[Extract]]
    transformations: Mapping[str, Transformation]
    weights: Mapping[str, float]
    teachers: Mapping[str, Teacher]
    rounds: float = 1.0
    emphasis: Emphasis = even

    def __iter__(self) -> Iterator[Request]:
        """Each request once: extracts with the same text and headings share one, which belongs to the first."""
        return self._requests(self.teachers)

    def of_teacher(self, name: str) -> Iterator[Request]:
        """The requests of one teacher, in the plan's order. Those of the others are not made."""
        return self._requests({name})

    def part(self, shard: Shard) -> Plan:
        """The part of the plan that falls to one of several hosts: all requests of its share of the extracts."""

        def extracts() -> Iterator[Extract]:
            return (extract for extract in self.extracts() if shard.holds(extract))

        return replace(self, extracts=extracts)

    def _requests(self, teachers: Container[str]) -> Iterator[Request]:
        seen: set[bytes] = set()
        largest = max(self.weights.values())
        for extract in self.extracts():
            seed, emphasis = _seed(extract), self.emphasis(extract)
            for transformation in self.transformations.values():
                if not suits(transformation, extract):
                    continue
                share = paced(self.rounds * self.weights[transformation.name] / largest, emphasis)
                for sample in range(_samples(share, seed, transformation)):
                    teacher = _assign(seed, transformation, sample, self.teachers)
                    if teacher not in teachers:
                        continue
                    request = self._request(extract, transformation, sample, self.teachers[teacher])
                    if (key := bytes.fromhex(request.request_id)) not in seen:
                        seen.add(key)
                        yield request

    def _request(self, extract: Extract, transformation: Transformation, sample: int, teacher: Teacher) -> Request:
        payload = wire_payload(transformation, extract, sample, teacher)
        return Request(
            request_id=request_id(payload, teacher.identity, sample),
            extract=extract,
            transformation=transformation,
            teacher=teacher.settings.name,
            sample=sample,
            payload=payload,
        )


def wire_payload(transformation: Transformation, extract: Extract, sample: int, teacher: Teacher) -> dict[str, Any]:
    """What is sent, in the words of the chat completions API. The model is called what the teacher's identity says."""
    settings = teacher.settings
    payload: dict[str, Any] = {
        "model": teacher.identity.get("model") or settings.model or settings.backend,
        "messages": messages(transformation, extract, sample),
        **transformation.sampling,
        **settings.sampling,
    }
    if transformation.schema is not None and settings.structured:
        payload["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": transformation.name, "schema": transformation.schema},
        }
    return {key: value for key, value in payload.items() if key not in settings.omit}


def request_id(payload: Mapping[str, Any], identity: Mapping[str, Any], sample: int) -> str:
    """SHA-256, in hex, of the canonical JSON (sorted keys) of payload, teacher identity and sample index."""
    whole = {"payload": payload, "sample": sample, "teacher": identity}
    return hashlib.sha256(orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)).hexdigest()


def paced(share: float, emphasis: float) -> float:
    """How many samples of an extract a transformation takes, when it takes `share` of one of emphasis 1.

    It never falls as `share` grows, and is 1 where that is 1: all extracts are used once before any is used twice. Up
    to there `emphasis` is the factor between the odds of having been used, and from there on between the samples.
    """
    if share < 1:
        return emphasis * share / (1 - (1 - emphasis) * share)
    return 1 + emphasis * (share - 1)


class Supply:
    """How many tokens of source a plan with so many rounds gives to each transformation.

    An extract counts once for each sample of it. Extracts of one text count each, though a plan asks for one only.
    """

    def __init__(self, plan: Plan) -> None:
        largest = max(plan.weights.values())
        self._weights = {name: plan.weights[name] / largest for name in plan.transformations}
        found: dict[str, dict[float, tuple[array[float], array[int]]]] = {name: {} for name in plan.transformations}
        for extract in plan.extracts():
            seed, emphasis = _seed(extract), plan.emphasis(extract)
            for name, transformation in plan.transformations.items():
                if suits(transformation, extract):
                    thresholds, tokens = found[name].setdefault(emphasis, (array("d"), array("Q")))
                    thresholds.append(_threshold(seed, transformation))
                    tokens.append(extract.tokens)
        self._alike = {
            name: {emphasis: _Alike(*columns) for emphasis, columns in groups.items()} for name, groups in found.items()
        }

    def tokens(self, rounds: float) -> dict[str, int]:
        """The tokens of source by transformation."""
        return {name: self._of(name, rounds * weight) for name, weight in self._weights.items()}

    def rounds(self, tokens: float, yields: Mapping[str, float]) -> float | None:
        """The fewest rounds that make `tokens` of text, where each transformation makes `yields` for a token of source.

        None where it never comes to that.
        """

        def made(rounds: float) -> float:
            return sum(yields[name] * given for name, given in self.tokens(rounds).items())

        if not made(1.0):
            return None
        few, enough = 0.0, 1.0
        while made(enough) < tokens:
            few, enough = enough, enough * 2
        while few < (middle := (few + enough) / 2) < enough:
            few, enough = (few, middle) if made(middle) >= tokens else (middle, enough)
        return enough

    def _of(self, name: str, share: float) -> int:
        return sum(alike.tokens(paced(share, emphasis)) for emphasis, alike in self._alike[name].items())


class _Alike:
    """The extracts of one emphasis that suit a transformation, each with its threshold and its tokens."""

    def __init__(self, thresholds: Iterable[float], tokens: Iterable[int]) -> None:
        pairs = sorted(zip(thresholds, tokens, strict=True))
        self._thresholds = array("d", (threshold for threshold, _ in pairs))
        self._tokens = array("Q", accumulate((tokens for _, tokens in pairs), initial=0))

    def tokens(self, share: float) -> int:
        """The tokens of so many samples of each extract, with one more for the fraction."""
        whole = math.floor(share)
        return whole * self._tokens[-1] + self._tokens[bisect_left(self._thresholds, share - whole)]


def _samples(share: float, seed: bytes, transformation: Transformation) -> int:
    """`share` as a whole number of samples: its floor, and one more for its fraction of all extracts."""
    whole = math.floor(share)
    return whole + (_threshold(seed, transformation) < share - whole)


def _threshold(seed: bytes, transformation: Transformation) -> float:
    """The fraction of a round above which the extract is one of those that get a sample of it."""
    return _uniform(seed, "sample", transformation.name)


def _assign(seed: bytes, transformation: Transformation, sample: int, teachers: Mapping[str, Teacher]) -> str:
    """The teacher of a request, of those that answer its transformation.

    Weighted rendezvous hashing: a new teacher takes its share and moves nothing else.
    """
    able = [name for name, teacher in teachers.items() if teacher.answers(transformation.name)]
    if len(able) == 1:
        return able[0]
    return max(
        able,
        key=lambda name: (
            teachers[name].settings.weight
            / -math.log(_uniform(seed, "teacher", name, transformation.name, str(sample)))
        ),
    )


def _seed(extract: Extract) -> bytes:
    """What everything that is drawn for an extract is drawn from: a hash of its text."""
    return hashlib.sha256(extract.text.encode("utf-8", "replace")).digest()


def _uniform(seed: bytes, *parts: str) -> float:
    """A number in (0, 1) drawn from the hash of `seed` and `parts`."""
    digest = hashlib.sha256(seed + "\0".join(parts).encode("utf-8", "replace")).digest()
    return (int.from_bytes(digest[:8], "big") + 0.5) / 2**64
