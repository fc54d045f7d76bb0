from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

import pytest

from synthgen.backends import make_backend
from synthgen.backends.fake import FakeBackend, answer
from synthgen.data import Completion, Extract, Kind, Request, Transformation
from synthgen.errors import RecipeError, UsageError
from synthgen.recipe import TeacherSettings

TEXT = "Give 500 mg of amoxicillin three times daily for 5 days. Do not give it in penicillin allergy. " * 4


def request(number: int = 0, kind: Kind = "text", name: str = "distill", **fields: Any) -> Request:
    transformation = Transformation(name, 1, kind, "", "", **fields)
    extract = Extract("d" * 12, 0, len(TEXT), TEXT, 80, title="Pneumonia")
    request_id = hashlib.sha256(f"{number} {name}".encode()).hexdigest()
    return Request(request_id, extract, transformation, "fake", 0, {"messages": [{"role": "user", "content": TEXT}]})


def fake(**options: Any) -> FakeBackend:
    return FakeBackend(TeacherSettings(backend="fake", options=options))


def complete(backend: FakeBackend, *requests: Request) -> list[Completion]:
    async def ask() -> list[Completion]:
        async with backend:
            return [await backend.complete(request) for request in requests]

    return asyncio.run(ask())


def test_it_is_made_by_name_and_is_local() -> None:
    backend = make_backend(TeacherSettings(backend="fake"))
    assert isinstance(backend, FakeBackend)
    assert backend.local
    assert json.loads(json.dumps(backend.identity())) == backend.identity()


def test_an_unknown_backend_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="Did you mean 'fake'"):
        make_backend(TeacherSettings(backend="fakes"))


def test_by_default_each_kind_is_answered_in_its_shape() -> None:
    kinds: list[Kind] = ["qa", "mcq", "dialogue"]
    qa, mcq, dialogue = (json.loads(c.text) for c in complete(fake(), *(request(kind=kind) for kind in kinds)))
    assert all(pair["question"] and pair["answer"] for pair in qa["pairs"])
    assert len(set(mcq["options"])) == 5
    assert mcq["options"]["ABCDE".index(mcq["answer"])] in mcq["explanation"]
    assert {turn["speaker"] for turn in dialogue["turns"]} == {"patient", "doctor"}


def test_its_answers_fit_the_schemas_of_the_transformations_that_ship() -> None:
    from jsonschema import Draft202012Validator

    from synthgen.transformations import load_transformations

    for transformation in load_transformations().values():
        if transformation.schema is not None:
            asked = request(kind=transformation.kind, name=transformation.name)
            Draft202012Validator(transformation.schema).validate(json.loads(complete(fake(), asked)[0].text))


def test_plain_text_has_the_layout_that_was_asked_for() -> None:
    prose, listed = complete(fake(), request(), request(layout="list"))
    assert "500 mg of amoxicillin" in prose.text
    assert all(line.startswith("- ") for line in listed.text.splitlines())


def test_the_same_request_gets_the_same_answer_and_others_get_others() -> None:
    requests = [request(number) for number in range(50)]
    first, second = (complete(fake(), *requests) for _ in range(2))
    assert first == second
    assert len({completion.text for completion in first}) == 50


def test_an_extract_without_a_word_gets_an_answer() -> None:
    empty = Request("0" * 64, Extract("d", 0, 0, "", 0), Transformation("t", 1, "qa", "", ""), "fake", 0, {})
    assert json.loads(complete(fake(), empty)[0].text)["pairs"]


def test_scripted_answers_go_by_transformation() -> None:
    asked = request(name="faq")
    (completion,) = complete(fake(answers={"faq": "fixed {id} {x}"}), asked)
    assert completion.text == f"fixed {asked.request_id[:8]} {{x}}"
    assert completion.finish_reason == "stop"


def test_shares_of_errors_truncation_and_emptiness_are_of_the_requests() -> None:
    requests = [request(number) for number in range(400)]
    completions = complete(fake(error_share=0.25, truncated_share=0.25, empty_share=0.25), *requests)
    failed = sum(c.error is not None for c in completions)
    cut = sum(c.finish_reason == "length" for c in completions)
    empty = sum(c.answered and not c.text for c in completions)
    assert 70 < failed < 130
    assert 45 < empty < 105
    assert 30 < cut < 85


def test_a_transient_error_ends_at_the_attempt_that_was_set() -> None:
    completions = complete(fake(error_share=1.0, succeeds_at=3), *[request()] * 4)
    assert [completion.answered for completion in completions] == [False, False, True, True]


def test_errors_have_the_class_that_was_set() -> None:
    (completion,) = complete(fake(error_share=1.0, error_class="rejected"), request())
    assert completion.error is not None
    assert completion.error.error_class == "rejected"


def test_a_script_decides_by_request_and_attempt() -> None:
    backend = FakeBackend(
        TeacherSettings(backend="fake"), lambda asked, attempt: answer(asked, f"attempt {attempt}", finish_reason="x")
    )
    completions = complete(backend, request(), request(), request(1))
    assert [completion.text for completion in completions] == ["attempt 1", "attempt 2", "attempt 1"]


def test_unknown_and_wrong_options_are_named() -> None:
    with pytest.raises(RecipeError, match="error_share"):
        fake(error_shear=0.5)
    with pytest.raises(RecipeError, match="truncated_share"):
        fake(truncated_share=2)


def test_delays_are_waited_for() -> None:
    async def ask() -> list[str]:
        order: list[str] = []
        async with fake(delay=0.01) as backend, asyncio.TaskGroup() as group:

            async def wait() -> None:
                await backend.complete(request())
                order.append("answer")

            group.create_task(wait())
            group.create_task(asyncio.sleep(0)).add_done_callback(lambda _: order.append("tick"))
        return order

    assert asyncio.run(ask()) == ["tick", "answer"]
