"""What the owed requests of a plan will take: tokens, dollars and hours, each with a range.

What this run has answered already is measured, and the rest is taken to go the same way; what was never answered goes
by stated assumptions. The ends of a range assume that all errors go the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from synthgen.backends.base import Backend
from synthgen.budget import Cap
from synthgen.cost import cost
from synthgen.counting import TokenCounter, counter_for
from synthgen.data import Completion, Extract, Transformation, Usage
from synthgen.job import Job
from synthgen.jury.foreseen import votes
from synthgen.ranges import NOTHING, Range, Ratio
from synthgen.storage.index import JournalIndex
from synthgen.survey import Group, Owed, Survey
from synthgen.topics.coverage import Coverage
from synthgen.transformations import messages

TEMPLATE_TOKENS = 8
"""Tokens that a chat template adds to a message, about."""
LEAST_ANSWERS = 5
"""Answers of a teacher to a transformation before anything is measured on them."""

OWN_COUNTER, OTHER_COUNTER = 1.05, 1.25
"""How far prompts are known, as a factor both ways: with the teacher's own tokenizer (its chat template is not counted
exactly), and with another model's (vocabularies of 32,000 and 200,000 tokens differ by about a quarter in English)."""
ANSWER_LENGTH = 2.0
"""How far the length of an answer is known by the transformation's expected ratio alone."""

TOKENS_A_SECOND = 30.0
"""What one request gets of a server that many share: vLLM under load gives 10 to 50, hosted APIs 30 to 100 ..."""
FIRST_TOKEN_SECONDS = 1.0
"""... after a wait for its first token."""
PACE = 4.0
"""How far hours are known by these assumptions: a factor of 3 in speed and of 2 in length, which are independent."""

CACHED_FROM = 1024
"""Tokens that two prompts must share at their beginning before hosted APIs read them from a cache."""


@dataclass(frozen=True, slots=True)
class TeacherEstimate:
    """What one teacher will take for its `owed` requests.

    `measured` answers of this run tell lengths and times; `assumed` names the transformations without enough of them.
    `counter` counted the prompts; None where the teacher itself did, in all of these answers. `cached` is the share of
    the prompt tokens expected to be read from the teacher's cache, 0 where that has no price. `usd` is None where the
    price is unknown, `hours` where there is no model to wait for, or where it answers when it likes (not `immediate`).
    """

    name: str
    owed: int
    prompt_tokens: Range
    completion_tokens: Range
    cached: float
    usd: Range | None
    hours: Range | None
    in_flight: int
    immediate: bool
    price_factor: float
    counter: TokenCounter | None
    measured: int
    assumed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a plan will take. `requests` counts all requests, `owed` those without an answer yet; the rest is of these.

    `coverage` is that of the source, and of all requests by the tokens of their extracts. `teachers` are those that
    are owed any, `remote` the ones of the plan that source text is sent to. `caps` says of each cap of the budget
    which share of the owed requests is expected to be asked before it stops the run.
    """

    requests: int
    owed: int
    by_transformation: Mapping[str, int]
    by_teacher: Mapping[str, int]
    coverage: Coverage
    teachers: tuple[TeacherEstimate, ...]
    remote: tuple[str, ...]
    caps: Mapping[Cap, float]

    @property
    def prompt_tokens(self) -> Range:
        return sum((teacher.prompt_tokens for teacher in self.teachers), NOTHING)

    @property
    def completion_tokens(self) -> Range:
        return sum((teacher.completion_tokens for teacher in self.teachers), NOTHING)

    @property
    def usd(self) -> Range | None:
        """US dollars; None where any price is unknown."""
        return _total_usd(self.teachers)

    @property
    def hours(self) -> Range | None:
        """Until the slowest teacher is done, as all work at once; None where none has hours."""
        return _longest(self.teachers)


def estimate(job: Job, found: Survey, journal: JournalIndex) -> Estimate:
    """What the owed requests of a plan take, after a survey of it; `journal` holds the answers to the others."""
    asked = tuple(_of_teacher(job, name, found, journal) for name in job.backends if name in found.samples)
    by_teacher, judge = found.by_teacher, job.recipe.judge.teacher
    teachers = asked if judge is None else (*asked, *_of_judge(job, judge, found, asked))
    return Estimate(
        requests=found.requests,
        owed=found.owed,
        by_transformation=found.by_transformation,
        by_teacher=by_teacher,
        coverage=found.coverage,
        teachers=teachers,
        remote=tuple(
            name for name, backend in job.backends.items() if not backend.local and name in {*by_teacher, judge}
        ),
        caps=_caps(job, found.owed, teachers, journal),
    )


def overhead(transformation: Transformation, count: Callable[[str], int]) -> float:
    """Tokens of a request other than its extract's: system prompt, instruction, chat template.

    The mean over the values of the transformation's axes.
    """
    blank = Extract(doc_id="", start=0, end=0, text="", tokens=0)
    samples = range(max(map(len, transformation.vary.values()), default=1))
    contents = [message["content"] for sample in samples for message in messages(transformation, blank, sample)]
    return sum(count(content) + TEMPLATE_TOKENS for content in contents) / len(samples)


def _of_teacher(job: Job, name: str, found: Survey, journal: JournalIndex) -> TeacherEstimate:
    backend = job.backends[name]
    counter = counter_for(backend.settings, job.tokenizer)
    groups = {key: group for (teacher, key), group in found.groups.items() if teacher == name}
    around = {key: overhead(job.transformations[key], counter.count) for key in groups}
    owed = list(found.samples[name])
    density = _density(owed, around, counter)
    answers = {key: _answers(group, journal) for key, group in groups.items()}
    prompt = completion = seconds = NOTHING
    for key, group in groups.items():
        line = _Line(group, job.transformations[key], counter, around[key], density)
        prompt += line.prompt(answers[key])
        completion += (produced := line.completion(answers[key]))
        seconds += line.seconds(answers[key], produced)
    known = [completion for key in groups for _, completion in answers[key] if completion.usage.prompt]
    assumed = tuple(key for key, group in groups.items() if group.owed and not answers[key])
    measured = sum(map(len, answers.values()))
    cached = _cached(backend, owed, job.transformations, counter, known)
    total = sum(group.owed for group in groups.values())
    streams = min(backend.in_flight, total)
    immediate = backend.immediate
    return TeacherEstimate(
        name=name,
        owed=total,
        prompt_tokens=prompt,
        completion_tokens=completion,
        cached=cached,
        usd=_usd(backend, prompt, completion, cached, surely=bool(known)),
        hours=seconds * (1 / streams / 3600) if immediate and backend.settings.model else None,
        in_flight=backend.in_flight,
        immediate=immediate,
        price_factor=backend.price_factor,
        counter=None if len(known) == measured and not assumed else counter,
        measured=measured,
        assumed=assumed,
    )


def _of_judge(job: Job, name: str, found: Survey, asked: Sequence[TeacherEstimate]) -> tuple[TeacherEstimate, ...]:
    """What the judge takes for the answers to the owed requests, as `synthgen.jury.foreseen` assumes."""
    if not found.owed:
        return ()
    backend = job.backends[name]
    counter = counter_for(backend.settings, job.tokenizer)
    extracts = sum(group.extract_tokens for group in found.groups.values()) / found.owed
    answers = sum(teacher.completion_tokens.expected for teacher in asked) / found.owed
    expected = votes(job.recipe.judge, found.owed, extracts, answers, counter.count)
    streams = min(backend.in_flight, max(1, expected.owed))
    seconds = FIRST_TOKEN_SECONDS * expected.owed + expected.completion_tokens.expected / TOKENS_A_SECOND
    return (
        TeacherEstimate(
            name=f"{name} as judge",
            owed=expected.owed,
            prompt_tokens=expected.prompt_tokens,
            completion_tokens=expected.completion_tokens,
            cached=0.0,
            usd=_usd(backend, expected.prompt_tokens, expected.completion_tokens, 0.0, surely=False),
            hours=Range.about(seconds / streams / 3600, PACE) if backend.immediate and backend.settings.model else None,
            in_flight=backend.in_flight,
            immediate=backend.immediate,
            price_factor=backend.price_factor,
            counter=counter,
            measured=0,
            assumed=("judge",),
        ),
    )


_Answers = Sequence[tuple[int, Completion]]
"""Answers, each with the tokens of its extract."""


@dataclass(frozen=True, slots=True)
class _Density:
    """How many tokens of a teacher there are for each of the target tokenizer's: in `text`, and in a `prompt` other
    than what is around the extract. With the target tokenizer itself 1, and a little more, as headings stand there."""

    text: float
    prompt: float


@dataclass(frozen=True, slots=True)
class _Line:
    """The requests of one teacher for one transformation; `around` are a prompt's tokens other than the extract's."""

    group: Group
    transformation: Transformation
    counter: TokenCounter
    around: float
    density: _Density

    def prompt(self, answers: _Answers) -> Range:
        """Prompt tokens, by the teacher's own count of those answered, if it counts."""
        share = self.density.prompt
        counted = self.around * self.group.owed + share * self.group.extract_tokens
        pairs = [(self.around + share * tokens, float(c.usage.prompt)) for tokens, c in answers if c.usage.prompt]
        if len(pairs) >= LEAST_ANSWERS:
            return Ratio.measured(pairs).total(counted, self.group.owed)
        return Range.about(counted, OWN_COUNTER if self.counter.own else OTHER_COUNTER)

    def completion(self, answers: _Answers) -> Range:
        """Completion tokens, as the teacher counts, or `counter` where it does not."""
        pairs = [(float(t), float(c.usage.completion or self.counter.count(c.text))) for t, c in answers]
        if pairs:
            return Ratio.measured(pairs).total(self.group.extract_tokens, self.group.owed)
        ratio = self.transformation.expected_ratio * self.density.text
        return Range.about(ratio * self.group.extract_tokens, ANSWER_LENGTH)

    def seconds(self, answers: _Answers, completion: Range) -> Range:
        """Seconds of all requests one after the other."""
        owed = self.group.owed
        # Answers that were imported from a file have no time.
        timed = [(1.0, c.latency) for _, c in answers if c.latency]
        if len(timed) >= LEAST_ANSWERS:
            return Ratio.measured(timed).total(owed, owed)
        return Range.about(FIRST_TOKEN_SECONDS * owed + completion.expected / TOKENS_A_SECOND, PACE)


def _density(sample: Sequence[Owed], around: Mapping[str, float], counter: TokenCounter) -> _Density:
    tokens = sum(owed.request.extract.tokens for owed in sample)
    texts = sum(counter.count(owed.request.extract.text) for owed in sample)
    prompts = sum(_prompt_tokens(owed, counter) - around[owed.request.transformation.name] for owed in sample)
    return _Density(texts / tokens, prompts / tokens)


def _prompt_tokens(owed: Owed, counter: TokenCounter) -> int:
    request = owed.request
    contents = [message["content"] for message in messages(request.transformation, request.extract, request.sample)]
    return sum(counter.count(content) + TEMPLATE_TOKENS for content in contents)


def _answers(group: Group, journal: JournalIndex) -> list[tuple[int, Completion]]:
    """What is answered of a group's sample; nothing where that is too little to measure on."""
    found = ((tokens, journal.get(request_id)) for request_id, tokens in group.answered)
    answers = [(tokens, completion) for tokens, completion in found if completion is not None and completion.answered]
    return answers if len(answers) >= LEAST_ANSWERS else []


def _cached(
    backend: Backend,
    sample: Sequence[Owed],
    transformations: Mapping[str, Transformation],
    counter: TokenCounter,
    answered: Sequence[Completion],
) -> float:
    """The share of the prompt tokens to be read from the cache: as in the answers so far; where there are none, what
    a request shares with the one before it, of the same extract, if that is long enough."""
    if backend.settings.price_cached is None:
        return 0.0
    if answered:
        return sum(c.usage.cached for c in answered) / sum(c.usage.prompt for c in answered)
    instruction = {name: counter.count(one.instruction) for name, one in transformations.items()}
    prompts = [(_prompt_tokens(owed, counter), owed) for owed in sample]
    shared = ((tokens - instruction[owed.request.transformation.name], owed.repeats) for tokens, owed in prompts)
    read = sum(tokens for tokens, repeats in shared if repeats and tokens >= CACHED_FROM)
    return read / sum(tokens for tokens, _ in prompts)


def _usd(backend: Backend, prompt: Range, completion: Range, cached: float, *, surely: bool) -> Range | None:
    """Dollars; the high end counts on the cache only where it was seen to be read (`surely`)."""

    def price(prompt: float, completion: float, cached: float) -> float | None:
        return cost(backend, Usage(round(prompt), round(completion), round(prompt * cached)))

    low = price(prompt.low, completion.low, cached)
    expected = price(prompt.expected, completion.expected, cached)
    high = price(prompt.high, completion.high, cached if surely else 0.0)
    return None if low is None or expected is None or high is None else Range(low, expected, high)


def _total_usd(teachers: Sequence[TeacherEstimate]) -> Range | None:
    known = [teacher.usd for teacher in teachers if teacher.usd is not None]
    return sum(known, NOTHING) if len(known) == len(teachers) else None


def _longest(teachers: Sequence[TeacherEstimate]) -> Range | None:
    hours = [teacher.hours for teacher in teachers if teacher.hours is not None]
    if not hours:
        return None
    return Range(max(h.low for h in hours), max(h.expected for h in hours), max(h.high for h in hours))


def _caps(job: Job, owed: int, teachers: Sequence[TeacherEstimate], journal: JournalIndex) -> dict[Cap, float]:
    """Requests and dollars are capped over all sessions of a run, hours in each."""
    budget, usd, hours = job.recipe.budget, _total_usd(teachers), _longest(teachers)
    room: dict[Cap, tuple[float, float]] = {}
    if budget.requests is not None:
        room["requests"] = (budget.requests - len(journal.settled_ids()), owed)
    if budget.usd is not None and usd is not None:
        room["usd"] = (budget.usd - journal.usd, usd.expected)
    if budget.hours is not None and hours is not None:
        room["hours"] = (budget.hours, hours.expected)
    return {cap: min(1.0, max(0.0, left) / needed) if needed else 1.0 for cap, (left, needed) in room.items()}
