"""Asks a batch API for a few requests, journals the answers, and prints the account as a line of JSON.

For each line `URL FOLDER` of its input it forks a child that does this, and prints the child's process id; after the
child's account, if it comes to that, a line with its exit status. FOLDER/completions is the journal.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from importlib import import_module
from pathlib import Path

from synthgen.backends import make_backend
from synthgen.budget import Budget
from synthgen.data import Completion, Extract, Request, Transformation
from synthgen.generate import generate
from synthgen.recipe import BudgetSettings, TeacherSettings
from synthgen.storage.index import JournalIndex
from synthgen.storage.journal import JournalWriter

COUNT = 12
NAME = "batch"
PRICE = 2.0
ASK = Transformation(name="ask", version=1, kind="text", summary="", instruction="Ask.")


def requests() -> list[Request]:
    extracts = [Extract(doc_id="d", start=0, end=4, text=f"text {number}", tokens=2) for number in range(COUNT)]
    return [
        Request(f"{number:064x}", extract, ASK, NAME, 0, {"model": "stub", "messages": [{"content": extract.text}]})
        for number, extract in enumerate(extracts)
    ]


async def work(url: str, folder: Path) -> dict[str, float]:
    settings = TeacherSettings(
        name=NAME,
        backend="openai-batch",
        model="stub",
        base_url=url,
        price_input=PRICE,
        price_output=PRICE,
        options={"poll_seconds": 0.03, "max_requests": 5},
    )
    backend = make_backend(settings)
    backend.keep_in(folder / "batches")
    before = JournalIndex.load(folder / "completions").settled_ids()

    def nothing(request: Request, completion: Completion) -> None:
        pass

    async with backend, JournalWriter(folder / "completions") as journal:
        await generate(
            {NAME: [request for request in requests() if request.request_id not in before]},
            {NAME: backend},
            append=journal.append,
            budget=Budget(BudgetSettings()),
            on_completion=nothing,
        )
    after = JournalIndex.load(folder / "completions")
    answered = sum(1 for request in requests() if (found := after.get(request.request_id)) and found.answered)
    return {"before": len(before), "answered": answered, "usd": after.usd}


def say(what: object) -> None:
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


def main() -> None:
    # Loaded here once, so that a child begins with the work.
    import_module("openai.resources.batches")
    import_module("openai.resources.files")
    make_backend(TeacherSettings())
    for line in sys.stdin:
        url, folder = line.split()
        child = os.fork()
        if child == 0:
            say(os.getpid())
            say(asyncio.run(work(url, Path(folder))))
            os._exit(0)
        say(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


if __name__ == "__main__":
    main()
