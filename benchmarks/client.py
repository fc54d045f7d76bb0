"""How fast the `openai` backend is beside the default client of the `openai` package, against the same local stub.

    python benchmarks/client.py [--requests N] [--peer-requests N] [--in-flight N] [--prompt-bytes N] [--answer-bytes N]

Ours is all that a run does with a teacher: `generate`, the backend, and the journal on the disk, synced. The peer only
gets its answers. The stub runs in a process of its own. Prints requests a second, CPU time of this process a request,
and, for ours, memory and open files over the time of the run (Linux only), to show that they stay where they are.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from stub_server import served

from synthgen.backends.openai import OpenAIBackend
from synthgen.budget import Budget
from synthgen.data import Completion, Extract, Request, Transformation
from synthgen.generate import generate
from synthgen.recipe import BudgetSettings, TeacherSettings
from synthgen.storage.journal import JournalWriter

WARM_UP = 100
SAMPLES = 10
TRANSFORMATION = Transformation("distill", 1, "text", "", "")
WORDS = "In adults with an acute flare give 500 mg of naproxen twice daily unless the clearance is below 30 mL/min. "


@dataclass(frozen=True, slots=True)
class Speed:
    """How `requests` went: seconds on the clock, and of CPU in this process."""

    requests: int
    wall: float
    cpu: float

    @property
    def rate(self) -> float:
        return self.requests / self.wall

    def __str__(self) -> str:
        cpu = self.cpu / self.requests * 1e3
        return f"{self.requests:7,} requests  {self.rate:7,.0f} requests/s  {cpu:5.2f} ms CPU a request"


@dataclass(frozen=True, slots=True)
class Sample:
    """The state of this process once `requests` were answered; `memory` is what is resident, in MiB."""

    requests: int
    memory: float
    files: int


Work = Callable[[str, int, argparse.Namespace], Coroutine[Any, Any, list[Sample]]]


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    os.environ["NO_PROXY"] = "127.0.0.1"
    with served("--lean", "--answer-bytes", str(options.answer_bytes)) as url:
        peer, _ = _measured(_peer, url, options.peer_requests, options)
        ours, samples = _measured(_ours, url, options.requests, options)
    lines = [f"openai package  {peer}", f"synthgen        {ours}", f"ratio           {ours.rate / peer.rate:.1f}"]
    lines += [f"{one.requests:10,} answered  {one.memory:7.1f} MiB  {one.files:4} open files" for one in samples]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _measured(work: Work, url: str, requests: int, options: argparse.Namespace) -> tuple[Speed, list[Sample]]:
    asyncio.run(work(url, WARM_UP, options))
    wall, cpu = time.perf_counter(), time.process_time()
    samples = asyncio.run(work(url, requests, options))
    return Speed(requests, time.perf_counter() - wall, time.process_time() - cpu), samples


async def _peer(url: str, requests: int, options: argparse.Namespace) -> list[Sample]:
    """The client of the `openai` package as it comes, with as many requests at once."""
    import openai

    payloads = (request.payload for request in _requests(requests, options))

    async def work(client: Any) -> None:
        for payload in payloads:
            await client.chat.completions.create(**payload)

    async with openai.AsyncOpenAI(base_url=url, api_key="none") as client:
        await asyncio.gather(*(work(client) for _ in range(options.in_flight)))
    return []


async def _ours(url: str, requests: int, options: argparse.Namespace) -> list[Sample]:
    """A teacher's part of a run."""
    settings = TeacherSettings(backend="openai", model="stub", base_url=url, in_flight=options.in_flight, name="stub")
    answered = 0
    samples = []

    def on_completion(request: Request, completion: Completion) -> None:
        nonlocal answered
        assert completion.answered, completion.error
        answered += 1
        if answered % max(1, requests // SAMPLES) == 0:
            samples.append(_sample(answered))

    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        async with OpenAIBackend(settings) as backend, JournalWriter(Path(folder)) as journal:
            await generate(
                {"stub": _requests(requests, options)},
                {"stub": backend},
                append=journal.append,
                budget=Budget(BudgetSettings()),
                on_completion=on_completion,
            )
    assert answered == requests
    return samples


def _requests(number: int, options: argparse.Namespace) -> Iterator[Request]:
    """Requests with prompts of the same length, no two of them the same."""
    text = (WORDS * (options.prompt_bytes // len(WORDS) + 1))[: options.prompt_bytes]
    for index in range(number):
        prompt = f"{index:09} {text}"
        messages = [{"role": "system", "content": "You write about guidelines."}, {"role": "user", "content": prompt}]
        payload = {"model": "stub", "messages": messages, "max_tokens": 1024, "temperature": 0.7}
        yield Request(f"{index:064x}", Extract("d", 0, 1, prompt, 1), TRANSFORMATION, "stub", 0, payload)


def _sample(requests: int) -> Sample:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    memory = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    return Sample(requests, memory, len(list(Path("/proc/self/fd").iterdir())))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--peer-requests", type=int, default=2_000)
    parser.add_argument("--in-flight", type=int, default=512)
    parser.add_argument("--prompt-bytes", type=int, default=6_000)
    parser.add_argument("--answer-bytes", type=int, default=2_000)
    parser.add_argument("--folder", type=Path, help="where the journal is written; by default for temporary files")
    return parser


if __name__ == "__main__":
    sys.exit(main())
