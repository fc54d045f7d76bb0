"""The estimate: by hand on small cases, and against what a stub server then takes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from stub_server import Reply, Seen, StubServer, completion, suiting

import synthgen
from synthgen.backends.base import Backend
from synthgen.backends.fake import FakeBackend
from synthgen.data import Completion, Extract, Request, Usage
from synthgen.estimate import TEMPLATE_TOKENS, Estimate, estimate
from synthgen.job import Job
from synthgen.planning import Plan, Shard
from synthgen.ranges import Range, Ratio
from synthgen.recipe import Recipe, TeacherSettings
from synthgen.settings import validated
from synthgen.storage.index import JournalIndex
from synthgen.storage.journal import JournalWriter
from synthgen.storage.layout import RunPaths
from synthgen.survey import Sample, survey
from synthgen.tokens import Tokenizer
from synthgen.transformations import load_transformations

FAQ = {"faq": load_transformations()["faq"]}
EXTRACTS = [
    Extract(doc_id=f"{n:012x}", start=0, end=9, text=f"dose {n} " * (50 + n), tokens=2 * (50 + n), headings=("Dose",))
    for n in range(40)
]
TOKENS = sum(extract.tokens for extract in EXTRACTS)


class Words(Tokenizer):
    """A word is a token."""

    def __init__(self) -> None:
        self.name = "words"

    def count(self, text: str) -> int:
        return len(text.split())


class Batches(FakeBackend):
    """Half the price, and an answer within a day."""

    name: ClassVar[str] = "batches"
    local: ClassVar[bool] = False
    price_factor: ClassVar[float] = 0.5
    immediate: ClassVar[bool] = False


def a_job(folder: Path, *, backend: type[Backend] = FakeBackend, budget: Any = None, **settings: Any) -> Job:
    teacher = TeacherSettings(backend="fake", name="t", **settings)
    recipe = validated(Recipe, {"budget": budget or {}}, where="test")
    return Job(recipe, RunPaths(folder), Words(), FAQ, (), {"t": backend(teacher)}, Shard(1, 1))


def a_plan(job: Job, extracts: list[Extract] = EXTRACTS) -> Plan:
    return Plan(lambda: extracts, FAQ, {"faq": 1.0}, job.teachers)


def expected_of(job: Job, plan: Plan, journal: JournalIndex | None = None) -> Estimate:
    journal = journal or JournalIndex()
    return estimate(job, survey(plan, journal.settled_ids()), journal)


def words(request: Request) -> int:
    return sum(len(m["content"].split()) + TEMPLATE_TOKENS for m in request.payload["messages"])


def answered(folder: Path, completions: list[Completion]) -> JournalIndex:
    async def write() -> None:
        async with JournalWriter(folder) as journal:
            await asyncio.gather(*map(journal.append, completions))

    asyncio.run(write())
    return JournalIndex.load(folder)


def close(found: Range | None, low: float, expected: float, high: float) -> bool:
    return found is not None and (found.low, found.expected, found.high) == pytest.approx((low, expected, high))


def test_without_answers_prompts_are_counted_and_answers_assumed(tmp_path: Path) -> None:
    job = a_job(tmp_path, model="m", in_flight=4, price_input=1.0, price_output=10.0)
    found = expected_of(job, a_plan(job))
    prompts, answers = sum(map(words, a_plan(job))), 0.7 * TOKENS
    assert (found.requests, found.owed) == (40, 40)
    assert close(found.prompt_tokens, prompts / 1.25, prompts, prompts * 1.25)
    assert close(found.completion_tokens, answers / 2, answers, answers * 2)
    dollars = [(prompts * a + 10 * answers * b) / 1e6 for a, b in ((0.8, 0.5), (1, 1), (1.25, 2))]
    assert found.usd is not None
    assert (found.usd.low, found.usd.expected, found.usd.high) == pytest.approx(dollars, rel=1e-3)
    hours = (40 * 1.0 + answers / 30.0) / 4 / 3600
    assert close(found.hours, hours / 4, hours, hours * 4)
    assert found.teachers[0].assumed == ("faq",)
    assert found.teachers[0].counter is not None
    assert not found.teachers[0].counter.own


def test_only_what_is_owed_is_estimated(tmp_path: Path) -> None:
    job = a_job(tmp_path)
    plan = list(a_plan(job))
    journal = answered(tmp_path / "journal", [Completion(plan[0].request_id, "x", "stop", Usage(5, 5))])
    found = expected_of(job, a_plan(job), journal)
    assert (found.requests, found.owed) == (40, 39)
    assert found.prompt_tokens.expected == pytest.approx(sum(map(words, plan[1:])))
    assert found.teachers[0].measured == 0


def test_with_answers_the_rest_is_measured_on_them(tmp_path: Path) -> None:
    job = a_job(tmp_path, model="m", in_flight=5, price_input=1.0, price_output=10.0)
    plan = list(a_plan(job))
    done, owed = plan[:20], plan[20:]
    journal = answered(
        tmp_path / "journal",
        [Completion(r.request_id, "x", "stop", Usage(2 * words(r), r.extract.tokens // 2), latency=9.0) for r in done],
    )
    found = expected_of(job, a_plan(job), journal)
    prompts, answers = 2 * sum(map(words, owed)), sum(r.extract.tokens for r in owed) / 2
    assert found.teachers[0].measured == 20
    assert found.teachers[0].assumed == ()
    assert found.teachers[0].counter is None
    assert found.prompt_tokens.expected == pytest.approx(prompts, rel=0.01)
    assert found.prompt_tokens.high < 1.02 * prompts
    assert close(found.completion_tokens, answers, answers, answers)
    assert found.usd is not None
    assert found.usd.expected == pytest.approx((prompts + 10 * answers) / 1e6, rel=0.01)
    assert close(found.hours, 20 * 9 / 5 / 3600, 20 * 9 / 5 / 3600, 20 * 9 / 5 / 3600)


def test_a_teacher_that_counts_no_tokens_is_measured_by_the_texts_it_sent(tmp_path: Path) -> None:
    job = a_job(tmp_path, model="m")
    plan = list(a_plan(job))
    journal = answered(
        tmp_path / "journal", [Completion(r.request_id, "word " * r.extract.tokens, "stop") for r in plan[:20]]
    )
    found = expected_of(job, a_plan(job), journal)
    assert found.completion_tokens.expected == pytest.approx(sum(r.extract.tokens for r in plan[20:]))
    assert found.prompt_tokens.expected == pytest.approx(sum(map(words, plan[20:])))


def test_the_range_is_the_error_of_a_measured_ratio() -> None:
    ratio = Ratio.measured([(1.0, 1.0), (1.0, 3.0), (2.0, 4.0), (4.0, 8.0)])
    assert ratio.value == 2.0
    assert ratio.spread == pytest.approx((2 / 3) ** 0.5)
    assert ratio.error == pytest.approx((2 / 3) ** 0.5 * 2 / 8)
    total = ratio.total(100.0, 50)
    assert total.expected == 200.0
    assert total.high - 200 == pytest.approx(2 * ((100 * ratio.error) ** 2 + 50 * ratio.spread**2) ** 0.5)
    assert ratio.total(0.01, 50).low == 0.0


def test_a_batch_halves_the_price_and_has_no_hours(tmp_path: Path) -> None:
    prices = {"model": "m", "price_input": 1.0, "price_output": 10.0}
    at_once, batch = (a_job(tmp_path, backend=backend, **prices) for backend in (FakeBackend, Batches))
    whole, half = expected_of(at_once, a_plan(at_once)), expected_of(batch, a_plan(batch))
    assert whole.usd is not None
    assert half.usd is not None
    assert half.usd.expected == pytest.approx(whole.usd.expected / 2)
    assert half.hours is None
    assert not half.teachers[0].immediate
    assert half.remote == ("t",)


def test_an_unknown_price_is_none_and_a_local_teacher_costs_nothing(tmp_path: Path) -> None:
    remote, local = a_job(tmp_path, backend=Batches), a_job(tmp_path)
    assert expected_of(remote, a_plan(remote)).usd is None
    assert close(expected_of(local, a_plan(local)).usd, 0, 0, 0)
    assert expected_of(local, a_plan(local)).hours is None


@pytest.mark.parametrize(("tokens", "cached"), [(300, 0.0), (3000, 0.5)])
def test_the_cache_counts_where_prompts_share_enough_and_not_at_the_high_end(
    tmp_path: Path, tokens: int, cached: float
) -> None:
    two = {**FAQ, "distill": load_transformations()["distill"]}
    job = a_job(tmp_path, model="m", price_input=1.0, price_output=1.0, price_cached=0.0)
    job = replace(job, transformations=two)
    extracts = [Extract(f"{n:012x}", 0, 9, f"{n} " * tokens, tokens) for n in range(10)]
    plan = Plan(lambda: extracts, two, dict.fromkeys(two, 1.0), job.teachers)
    found = expected_of(job, plan).teachers[0]
    assert found.cached == pytest.approx(cached, abs=0.05)
    assert found.usd is not None
    assert found.usd.high == pytest.approx((found.prompt_tokens.high + found.completion_tokens.high) / 1e6, rel=1e-3)
    uncached = (found.prompt_tokens.expected * (1 - found.cached) + found.completion_tokens.expected) / 1e6
    assert found.usd.expected == pytest.approx(uncached, rel=1e-3)


def test_without_a_price_of_its_own_the_cache_is_not_counted(tmp_path: Path) -> None:
    job = a_job(tmp_path, model="m", price_input=1.0, price_output=1.0)
    plan = list(a_plan(job))
    done = [Completion(r.request_id, "x", "stop", Usage(100, 10, cached=40)) for r in plan[:20]]
    assert expected_of(job, a_plan(job), answered(tmp_path / "journal", done)).teachers[0].cached == 0.0


def test_what_the_teacher_read_from_its_cache_so_far_is_what_it_will_read(tmp_path: Path) -> None:
    job = a_job(tmp_path, model="m", price_input=1.0, price_output=0.0, price_cached=0.5)
    plan = list(a_plan(job))
    done = [Completion(r.request_id, "x", "stop", Usage(100, 10, cached=40)) for r in plan[:20]]
    found = expected_of(job, a_plan(job), answered(tmp_path / "journal", done)).teachers[0]
    assert found.cached == pytest.approx(0.4)
    assert found.usd is not None
    assert found.usd.expected == pytest.approx(found.prompt_tokens.expected * 0.8 / 1e6, rel=0.01)


def test_caps_say_how_far_the_run_gets(tmp_path: Path) -> None:
    budget = {"requests": 10, "usd": 1e6, "hours": 0.001}
    job = a_job(tmp_path, budget=budget, model="m", in_flight=1, price_input=1.0, price_output=1.0)
    found = expected_of(job, a_plan(job))
    assert found.hours is not None
    assert found.caps["requests"] == 0.25
    assert found.caps["usd"] == 1.0
    assert found.caps["hours"] == pytest.approx(0.001 / found.hours.expected)
    assert expected_of(a_job(tmp_path), a_plan(job)).caps == {}


def test_teachers_work_at_once_so_the_slowest_says_how_long(tmp_path: Path) -> None:
    first = a_job(tmp_path, model="m", in_flight=1)
    settings = TeacherSettings(backend="fake", name="u", model="n", in_flight=100)
    backends: Mapping[str, Backend] = {**first.backends, "u": FakeBackend(settings)}
    job = replace(first, backends=backends)
    found = expected_of(job, a_plan(job))
    slow, fast = found.teachers
    assert slow.owed + fast.owed == 40
    assert slow.hours is not None
    assert fast.hours is not None
    assert found.hours == slow.hours
    assert fast.hours.expected < slow.hours.expected


def test_a_sample_is_the_same_whatever_the_order_and_never_larger_than_asked() -> None:
    ids = [f"{n * 7919 % 10_007:064x}"[::-1] for n in range(1, 2000)]
    samples = []
    for order in (ids, ids[::-1]):
        sample: Sample[str] = Sample(50)
        for one in order:
            sample.offer(one, one)
        samples.append(list(sample))
    assert samples[0] == samples[1][::-1]
    assert len(samples[0]) == 50
    assert [one for one in ids if one in set(samples[0])] == samples[0]


def test_the_measured_estimate_of_the_rest_is_what_the_rest_then_takes(tmp_path: Path, examples: Path) -> None:
    def script(seen: Seen) -> Reply:
        contents = [message["content"] for message in seen.payload["messages"]]
        extract = len(contents[1].partition("</extract>")[0])
        answer = extract // 8 + random.Random(contents[1]).randrange(extract // 8)
        usage = {"prompt_tokens": sum(map(len, contents)) // 3, "completion_tokens": answer}
        return Reply(body={**completion(suiting(seen.payload)), "usage": usage})

    async def pilot_and_rest() -> tuple[Estimate, Any, Any]:
        async with StubServer(script) as stub:
            teacher = {"backend": "openai", "model": "stub", "base_url": stub.url}
            four = dict.fromkeys(("distill", "faq", "knowledge_list", "vignette_mcq"), 1.0)
            priced = {**teacher, "price_input": 1.0, "price_output": 2.0}
            recipe: dict[str, Any] = {"teachers": [priced], "transformations": four}
            first = await synthgen.run_async(examples, {**recipe, "budget": {"requests": 120}}, out=tmp_path / "run")
            found = await asyncio.to_thread(synthgen.plan, examples, recipe, out=tmp_path / "run")
            return found, first, await synthgen.run_async(examples, recipe, out=tmp_path / "run")

    found, first, last = asyncio.run(pilot_and_rest())
    assert found.requests - found.owed == 120
    assert found.teachers[0].measured == 120
    took = {
        "prompt": last.counts.prompt_tokens - first.counts.prompt_tokens,
        "completion": last.counts.completion_tokens - first.counts.completion_tokens,
        "usd": last.counts.usd - first.counts.usd,
    }
    assert found.usd is not None
    assert took["prompt"] == pytest.approx(found.prompt_tokens.expected, rel=0.03)
    assert took["completion"] == pytest.approx(found.completion_tokens.expected, rel=0.05)
    assert took["usd"] == pytest.approx(found.usd.expected, rel=0.05)
    assert found.completion_tokens.low < took["completion"] < found.completion_tokens.high
