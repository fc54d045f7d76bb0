"""The doctor: one tiny request, and the truth about each teacher."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from stub_server import Reply, Script, Seen, StubServer, completion, error, served

from synthgen import doctor
from synthgen.backends.fake import FakeBackend
from synthgen.doctor import Checkup, examine, examine_async
from synthgen.recipe import Recipe
from synthgen.settings import validated

SECRET = "sk-sentinel-5f2c9a"
OBJECT = '{"word": "ready"}'


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("STUB_KEY", SECRET)


def recipe(*teachers: dict[str, Any], **sections: Any) -> Recipe:
    return validated(Recipe, {"teachers": list(teachers), **sections}, where="test")


def behind(script: Script, models: list[dict[str, Any]] | None = None, **settings: Any) -> tuple[Checkup, int]:
    """What is found of a teacher behind a stub server, and how many requests that took."""

    async def found() -> tuple[Checkup, int]:
        async with StubServer(script, models=models) as stub:
            teacher = {"backend": "openai", "model": "m", "base_url": stub.url, "api_key_env": "STUB_KEY", **settings}
            (checkup,) = await examine_async(recipe(teacher))
            return checkup, stub.requests

    return asyncio.run(found())


def words(checkup: Checkup) -> str:
    return " ".join(f"{problem.what}. {problem.fix}." for problem in checkup.problems)


def obeying(seen: Seen) -> Reply:
    return Reply(text=OBJECT if "response_format" in seen.payload else "ready")


def test_a_teacher_that_does_everything_has_no_problem() -> None:
    models = [{"id": "m", "root": "org/checkpoint", "max_model_len": 32768}]
    checkup, requests = behind(obeying, models, price_input=1.0, price_output=2.0)
    assert requests == 1
    assert checkup.usable
    assert checkup.problems == ()
    assert checkup.structured == "obeyed"
    assert checkup.context == 32768
    assert checkup.served["root"] == "org/checkpoint"
    assert checkup.answer is not None
    assert checkup.answer.finish_reason == "stop"
    assert checkup.answer.latency > 0
    assert checkup.usd == pytest.approx((100 + 2 * 10) / 1e6)


def test_a_schema_that_is_ignored_is_told_from_one_that_is_obeyed() -> None:
    checkup, requests = behind(lambda seen: Reply(text="ready"))
    assert requests == 1
    assert checkup.usable
    assert checkup.structured == "ignored"
    assert "does not keep to it" in words(checkup)


@pytest.mark.parametrize("message", ["response_format is not supported", "bad request"])
def test_a_schema_that_is_refused_takes_a_second_request_without_it(message: str) -> None:
    def refusing(seen: Seen) -> Reply:
        return Reply(status=400, body=error(message)) if "response_format" in seen.payload else Reply(text="ready")

    checkup, requests = behind(refusing, price_input=1.0, price_output=2.0)
    assert requests == 2
    assert checkup.usable
    assert checkup.structured == "refused"
    assert "structured = false" in words(checkup)
    assert checkup.usd == pytest.approx((100 + 2 * 10) / 1e6)


def test_a_teacher_that_is_sent_no_schema_is_not_judged_by_one() -> None:
    seen: list[Seen] = []
    checkup, _ = behind(lambda one: seen.append(one) or Reply(text="ready"), structured=False)  # type: ignore[func-returns-value]
    assert checkup.structured == "not sent"
    assert "response_format" not in seen[0].payload


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Reply(status=401, body=error(f"wrong key {SECRET}")), "http_401"),
        (Reply(status=404, body=error("no model m")), "check model and base_url"),
        (Reply(status=429, body=error("slow down")), "rate_limit"),
        (Reply(status=500, body=error("broken")), "http_500"),
        (Reply(status=400, body=error("bad temperature")), "omit"),
        (Reply(body=b"<html>"), "mostly ends in /v1"),
    ],
)
def test_a_teacher_that_gives_no_answer_cannot_be_used_and_one_line_says_why(reply: Reply, says: str) -> None:
    checkup, _ = behind(lambda seen: reply)
    assert not checkup.usable
    assert len(checkup.problems) == 1
    assert says.lower() in words(checkup).lower()
    assert SECRET not in repr(checkup)


def test_a_teacher_that_hangs_is_given_up() -> None:
    async def never(seen: Seen) -> Reply:
        return Reply(until=asyncio.Event())

    checkup, _ = behind(never, deadline=0.05)
    assert not checkup.usable
    assert "no answer within 0.05 seconds" in words(checkup)


def test_what_is_odd_about_an_answer_is_said_with_what_to_do() -> None:
    def checked(**body: Any) -> str:
        checkup, _ = behind(lambda seen: Reply(body={**completion(OBJECT), **body}), price_input=0.0, price_output=0.0)
        assert checkup.usable
        return words(checkup)

    def choice(reason: str | None) -> list[dict[str, Any]]:
        return [{"index": 0, "message": {"content": OBJECT}, "finish_reason": reason}]

    assert checked() == ""
    assert "worst case" in checked(usage=None)
    assert "max_tokens" in checked(choices=choice("length"))
    assert "no finish reason" in checked(choices=choice(None))
    assert "content filter" in checked(choices=choice("content_filter"))


def test_a_context_too_short_for_the_recipe_is_found_before_the_run_finds_it() -> None:
    prices = {"price_input": 0.0, "price_output": 0.0}
    short, _ = behind(obeying, [{"id": "m", "max_model_len": 2048}], **prices)
    assert short.usable
    assert "its context has 2,048" in words(short)
    limited, _ = behind(obeying, [{"id": "m", "max_model_len": 2048}], sampling={"max_tokens": 64}, **prices)
    assert limited.problems == ()


def test_a_thousand_average_requests_are_priced_by_the_recipes_transformations() -> None:
    teachers = [
        {"backend": "fake", "name": name, "price_input": 1.0, "price_output": output, "transformations": asked}
        for name, output, asked in (("short", 0.0, ["faq"]), ("long", 10.0, ["faq"]), ("both", 10.0, []))
    ]
    found = examine(recipe(*teachers, transformations={"faq": 1.0, "distill": 1.0}))
    short, long, _ = (checkup.usd_1000 for checkup in found)
    assert short is not None
    assert long is not None
    assert long - short == pytest.approx(1000 * 10 * 0.7 * 500 / 1e6)
    assert 1000 * 500 / 1e6 < short < 1000 * 1500 / 1e6


def test_rules_and_made_up_answers_pass_without_a_schema() -> None:
    for checkup in examine(recipe({"backend": "extractive"}, {"backend": "fake"})):
        assert checkup.usable
        assert checkup.problems == ()
        assert checkup.structured is None
        assert checkup.usd == 0.0


def test_a_teacher_that_works_in_batches_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    class Batches(FakeBackend):
        name: ClassVar[str] = "batches"
        immediate: ClassVar[bool] = False

    monkeypatch.setattr(doctor, "make_backend", Batches)
    (checkup,) = examine(recipe({"backend": "fake"}))
    assert checkup.usable
    assert checkup.answer is None


def test_the_command_says_what_is_wrong_with_each_and_ends_with_one(
    cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with served("--text", OBJECT) as url:
        good = cli("doctor", "--teacher", f"openai:m@{url}", "--price", "m=1/2")
        bad = ("openai:gone@http://127.0.0.1:9/v1", "openai:hosted", "openai", "opnai:m")
        mixed = cli("doctor", "--teacher", f"openai:m@{url}", *(part for one in bad for part in ("--teacher", one)))
    assert good.code == 0
    assert "JSON Schema  obeyed" in good.out
    assert "$0.00012 for this examination" in good.out
    assert mixed.code == 1
    assert "does not answer at http://127.0.0.1:9/v1. Check that it runs" in mixed.out
    assert "OPENAI_API_KEY holds no key. Set it" in mixed.out
    assert "has no model. Set `model`" in mixed.out
    assert "unknown backend 'opnai'. Did you mean 'openai'?" in mixed.out
    assert mixed.out.count("✗") == 4
    assert cli("doctor").code == 0
