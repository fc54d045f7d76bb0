"""What the tests ask of the engine, run with the python of an environment that has it.

`python vllm_child.py run SOURCE RECIPE.json OUT` makes a run, and makes it again; `... ask MODEL` asks one engine this
and that; `... refuse MODEL` starts engines that cannot start. Each prints one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import synthgen
from synthgen.backends.vllm import VLLMBackend
from synthgen.data import Extract, Request, Transformation
from synthgen.errors import SynthgenError
from synthgen.recipe import TeacherSettings

OPTIONS = {"dtype": "bfloat16", "enforce_eager": True, "max_model_len": 1024, "block_size": 32}
TEXT = "Give 500 mg of amoxicillin three times daily for five days. " * 8
SCHEMA = {
    "type": "object",
    "required": ["answer"],
    "additionalProperties": False,
    "properties": {"answer": {"type": "string", "minLength": 2}},
}
NOT_A_SCHEMA = {"type": "object", "patternProperties": {"(?<=a)b": {"type": "strin"}}}
QUOTE = {"28739": 9}
"""Makes a model that says anything end its strings. A token of Mistral-7B-v0.1's."""


def request(text: str = TEXT, **payload: Any) -> Request:
    messages = [{"role": "system", "content": "Be exact."}, {"role": "user", "content": text}]
    body = {"model": "tiny", "messages": messages, "max_tokens": 16, **payload}
    transformation = Transformation("distill", 1, "text", "", "")
    return Request("0" * 64, Extract("d", 0, 9, "", 0), transformation, "vllm", 0, body)


def form(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}


async def until(true: Callable[[], bool]) -> None:
    """Waits for what the engine does by itself."""
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 (the engine has no event for it)
            await asyncio.sleep(0.01)


async def ask(model: str) -> dict[str, Any]:
    """Completions by what is asked, and how the engine stands after a request was cancelled and after it was killed."""
    asked = {
        "plain": request(),
        "again": request(),
        "completion limit": request(max_completion_tokens=3),
        "stop": request(logit_bias=QUOTE, stop=['"'], max_tokens=200),
        "schema": request(response_format=form(SCHEMA), logit_bias=QUOTE, max_tokens=400),
        "not a schema": request(response_format=form(NOT_A_SCHEMA)),
        "template arguments": request(chat_template_kwargs={"enable_thinking": False}),
        "greedy": request(temperature=0, top_p=1, top_k=-1, min_p=0, seed=3, repetition_penalty=1.1),
        "too long": request("dose " * 4000),
        "no room": request("dose " * 1020),
        "unknown key": request(temprature=0.1),
        "bad value": request(temperature=-1),
        "surrogate": request("dose \udc00"),
    }
    told: dict[str, Any] = {}
    backend = VLLMBackend(TeacherSettings(backend="vllm", model=model, options=OPTIONS))
    async with backend:
        told["served"], told["in_flight"] = await backend.served(), backend.in_flight
        core = backend._running.core
        for name, one in asked.items():
            told[name] = asdict(await backend.complete(one))
        endless = asyncio.create_task(backend.complete(request(max_tokens=900)))
        await until(lambda: core.get_num_unfinished_requests() == 1)
        endless.cancel()
        await asyncio.wait([endless])
        told["cancelled"] = [endless.cancelled(), core.get_num_unfinished_requests()]
        dying = asyncio.create_task(backend.complete(request(max_tokens=900)))
        await until(lambda: core.get_num_unfinished_requests() == 1)
        for child in multiprocessing.active_children():
            os.kill(child.pid or 0, signal.SIGKILL)
        told["dying"] = asdict(await dying)
        told["dead"] = asdict(await backend.complete(request()))
    return told


async def refuse(model: str) -> dict[str, str]:
    """What teachers that cannot start say, by what is wrong with them."""
    template = {"chat_template": "{{ raise_exception('System role not supported') }}"}
    cases: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
        "unknown option": (model, {"max_modle_len": 1024}, {}),
        "unknown sampling": (model, {}, {"temprature": 0.1}),
        "bad sampling": (model, {}, {"temperature": -1}),
        "bad option": (model, {"dtype": "bflot16"}, {}),
        "missing folder": (f"{model}-missing", {}, {}),
        "missing on the hub": ("nobody/nothing", {}, {}),
        "no system role": (model, template, {}),
        "no memory": (model, {"hf_overrides": {"max_position_embeddings": 5_000_000}, "max_model_len": 5_000_000}, {}),
    }
    told = {}
    for name, (place, options, sampling) in cases.items():
        try:
            settings = TeacherSettings(backend="vllm", model=place, options={**OPTIONS, **options}, sampling=sampling)
            async with VLLMBackend(settings):
                told[name] = "started"
        except SynthgenError as error:
            told[name] = f"{type(error).__name__}: {error}"
    return told


def run(source: str, recipe: str, out: str) -> dict[str, Any]:
    wanted = json.loads(Path(recipe).read_text("utf-8"))
    first = synthgen.run(source, wanted, out=out)
    again = synthgen.run(source, wanted, out=out)
    total = again.counts.total
    return {"worked": [first.worked, again.worked], "planned": total.planned, "failed": total.failed}


def tell(what: dict[str, Any]) -> None:
    print(json.dumps(what))  # noqa: T201 (read by the test)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["run", source, recipe, out]:
            tell(run(source, recipe, out))
        case ["ask", model]:
            tell(asyncio.run(ask(model)))
        case ["refuse", model]:
            tell(asyncio.run(refuse(model)))
