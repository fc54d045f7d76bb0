"""Requests out to files, and answers in from files, so that a host without synthgen can answer them."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from synthgen.backends.openai_batch import OpenAIBatchBackend
from synthgen.batches.ledger import requests_out
from synthgen.batches.lines import Answer, Limits, completion_of, is_request, parse_line, request_line
from synthgen.cost import cost
from synthgen.data import Completion, Request
from synthgen.endpoint.keys import Key
from synthgen.errors import UsageError
from synthgen.pipeline import Prepared, RecipeLike, Sources, prepared, resolve
from synthgen.progress import OnProgress, silent
from synthgen.report.result import load_run
from synthgen.storage.files import atomic_file, storage_errors
from synthgen.storage.journal import JournalWriter
from synthgen.teachers import folder

AT_ONCE = 1000
"""Answers that are put into the journal together."""


@dataclass(frozen=True, slots=True)
class RequestFile:
    """A file of requests to one teacher."""

    path: Path
    teacher: str
    model: str
    requests: int


@dataclass(frozen=True, slots=True)
class Exported:
    """The files of an export from the run `run`, and how many owed requests are in none of them, by the reason."""

    run: Path
    files: tuple[RequestFile, ...]
    left_out: Mapping[str, int]

    @property
    def requests(self) -> int:
        return sum(file.requests for file in self.files)


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the lines of answer files, and how many requests of the run are still `owed`.

    `answered` and `rejected` ones are in the journal now, `already` says how many were before; `failed` ones may be
    asked again. Lines with an `unknown` id belong to no request of the run's plan.
    """

    run: Path
    answered: int
    rejected: int
    failed: int
    unknown: int
    already: int
    unreadable: int
    owed: int


def export_requests(
    source: Sources | None = None,
    recipe: RecipeLike = None,
    *,
    out: str | Path | None = None,
    to: str | Path | None = None,
    limits: Limits = Limits(),  # noqa: B008 (frozen)
    on_progress: OnProgress = silent,
) -> Exported:
    """Writes what a run owes to files that OpenAI's batch API and `vllm run-batch` take, each for one teacher.

    `source`, `recipe` and `out` are those of `synthgen.run`; no key is needed, and nothing is sent. `to` is the folder
    of the files, by default `requests/` in the run directory; files of an earlier export there are replaced. Requests
    that the batch API has already are left out. Raises a SynthgenError for whatever makes the run impossible, and
    UsageError where no teacher has a model that could be asked elsewhere.
    """
    with prepared(resolve(source, recipe), out, on_progress) as run:
        backends = run.job.backends
        if not any(backend.settings.model for backend in backends.values()):
            fix = "name the model that is to answer, as in --teacher openai:MODEL"
            raise UsageError("there is no teacher that could be asked elsewhere", where=", ".join(backends), fix=fix)
        target = Path(to) if to is not None else run.job.paths.root / "requests"
        left_out: Counter[str] = Counter()
        files: list[RequestFile] = []
        for name, backend in backends.items():
            if not (model := backend.settings.model):
                left_out[f"of {name}, which answers here"] += sum(1 for _ in _owed(run, name))
                continue
            stem = folder(target, name).name
            lines = _lines(_sendable(run, name, left_out), left_out)
            written = list(_write(lines, target, stem, limits))
            _remove_earlier(target, stem, {path for path, _ in written})
            files += (RequestFile(path, name, model, count) for path, count in written)
        return Exported(run.job.paths.root, tuple(files), +left_out)


def import_requests(files: Iterable[str | Path], out: str | Path, *, on_progress: OnProgress = silent) -> Imported:
    """Puts the answers in output files of a batch API or of `vllm run-batch` into the journal of the run `out`.

    They are charged at the prices of the run's recipe. A line whose request has an answer already changes nothing, so
    files can be given again. No teacher is asked and no key is needed; `synthgen.run` then goes on. Raises StorageError
    where `out` is no run or a file cannot be read, UsageError for a file of requests. Not for use inside a running
    event loop, but in a thread beside it.
    """
    with prepared(load_run(out).recipe, out, on_progress) as run:
        return asyncio.run(_import(run, [Path(file) for file in files]))


def _owed(run: Prepared, teacher: str) -> Iterator[Request]:
    settled = run.journal.settled_ids()
    return (request for request in run.plan.of_teacher(teacher) if request.request_id not in settled)


def _sendable(run: Prepared, teacher: str, left_out: Counter[str]) -> Iterator[Request]:
    """What a teacher owes, without what is under way."""
    under_way: Set[str] = frozenset()
    if isinstance(run.job.backends[teacher], OpenAIBatchBackend):
        under_way = requests_out(folder(run.job.paths.teachers, teacher))
    for request in _owed(run, teacher):
        if request.request_id in under_way:
            left_out["that the batch API has already"] += 1
        else:
            yield request


def _lines(requests: Iterable[Request], left_out: Counter[str]) -> Iterator[bytes]:
    for request in requests:
        line = request_line(request)
        if isinstance(line, bytes):
            yield line
        else:
            left_out[f"that cannot be sent ({line.message})"] += 1


def _write(lines: Iterable[bytes], target: Path, stem: str, limits: Limits) -> Iterator[tuple[Path, int]]:
    """Writes files within `limits`; each with the number of its lines."""
    count, size, number = 0, 0, 0
    path = target
    with ExitStack() as stack:
        for line in lines:
            if not count or not limits.allow(count + 1, size + len(line)):
                stack.close()
                if count:
                    yield path, count
                count, size, number = 0, 0, number + 1
                path = target / f"{stem}-{number:04}.jsonl"
                _check_replaceable(path)
                file = stack.enter_context(atomic_file(path))
            file.write(line)
            count, size = count + 1, size + len(line)
    if count:
        yield path, count


def _remove_earlier(target: Path, stem: str, written: Collection[Path]) -> None:
    """Removes the files of an earlier export: what they ask for may be answered by now."""
    with storage_errors(target):
        for path in sorted(target.glob("*.jsonl")):
            if path not in written and re.fullmatch(rf"{re.escape(stem)}-\d{{4,}}", path.stem) and _asks(path):
                path.unlink()


def _check_replaceable(path: Path) -> None:
    with storage_errors(path):
        if path.exists() and not _asks(path):
            raise UsageError("this is no file of requests", where=path, fix="move it, or give another folder with --to")


def _asks(path: Path) -> bool:
    """Whether a file holds requests. Raises OSError."""
    with path.open("rb") as file:
        return is_request(file.readline())


async def _import(run: Prepared, files: Sequence[Path]) -> Imported:
    teacher_of = {request.request_id: request.teacher for request in run.plan}
    settled = set(run.journal.settled_ids() & teacher_of.keys())
    counts: Counter[str] = Counter()
    async with JournalWriter(run.job.paths.completions) as writer:
        for completions in _in_groups(_settled(files, teacher_of, settled, counts)):
            charged = [_charged(run, teacher_of[one.request_id], one) for one in completions]
            await asyncio.gather(*map(writer.append, charged))
    owed = len(teacher_of) - len(settled)
    names = ("answered", "rejected", "failed", "unknown", "already", "unreadable")
    return Imported(run.job.paths.root, **{name: counts[name] for name in names}, owed=owed)


def _settled(
    files: Iterable[Path], planned: Mapping[str, str], settled: set[str], counts: Counter[str]
) -> Iterator[Completion]:
    """The completions that end a request which is planned and not `settled`; adds these, and counts all lines."""
    for answer in _answers(files, counts):
        if answer.request_id not in planned:
            counts["unknown"] += 1
        elif answer.request_id in settled:
            counts["already"] += 1
        else:
            completion = completion_of(answer, None, Key())
            if completion.settled:
                settled.add(answer.request_id)
                counts["answered" if completion.answered else "rejected"] += 1
                yield completion
            else:
                counts["failed"] += 1


def _answers(files: Iterable[Path], counts: Counter[str]) -> Iterator[Answer]:
    for path in files:
        with storage_errors(path), path.open("rb") as file:
            for number, line in enumerate(file):
                if number == 0 and is_request(line):
                    fix = "give the file with the answers to them"
                    raise UsageError("holds requests, not answers", where=path, fix=fix)
                if answer := parse_line(line):
                    yield answer
                else:
                    counts["unreadable"] += bool(line.strip())


def _in_groups(completions: Iterator[Completion]) -> Iterator[list[Completion]]:
    while group := list(islice(completions, AT_ONCE)):
        yield group


def _charged(run: Prepared, teacher: str, completion: Completion) -> Completion:
    return replace(completion, usd=cost(run.job.backends[teacher], completion.usage) or 0.0)
