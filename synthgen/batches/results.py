"""What a batch that has ended says of its requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from synthgen.batches.lines import Answer, completion_of, parse_line
from synthgen.data import Completion, CompletionError, Request
from synthgen.endpoint.keys import Key
from synthgen.errors import TeacherError

if TYPE_CHECKING:
    from openai.types import Batch as State
    from openai.types.batch_error import BatchError

ENDED = frozenset({"completed", "failed", "expired", "cancelled"})
UNFINISHED = {
    "completed": CompletionError("retryable", "missing", "the batch's files have no line for it"),
    "expired": CompletionError("retryable", "batch_expired", "the batch expired before its turn came"),
    "cancelled": CompletionError("retryable", "batch_cancelled", "the batch was cancelled before its turn came"),
}
"""Why a request has no line in the files of a batch, by the batch's status."""
NOT_BEGUN = CompletionError("retryable", "batch_failed", "the batch was refused for the sake of other requests in it")


@dataclass(slots=True)
class Results:
    """What was read: the requests that have a line, those among them that were waited for and are to be asked again,
    and what was passed over."""

    seen: set[str] = field(default_factory=set)
    failed: dict[str, Completion] = field(default_factory=dict)
    ignored: Counter[str] = field(default_factory=Counter)

    @property
    def remark(self) -> str:
        """What was passed over, in words; empty if nothing was."""
        return ", ".join(f"{count:,} {what}" for what, count in sorted(self.ignored.items()) if count)


async def read_results(
    lines: Callable[[str], AsyncIterator[bytes]],
    state: State,
    expected: Container[str],
    asked: Callable[[str], Request | None],
    give: Callable[[Completion], None],
    key: Key,
) -> Results:
    """Reads the files of a batch, given the `lines` of each, and gives away every settled completion at once.

    `expected` are the batch's request ids, and `asked` the requests among them whose answers are waited for; lines of
    others are passed over. The first line of a request counts.
    """
    results = Results()
    for file_id in (state.output_file_id, state.error_file_id):
        if not file_id:
            continue
        async for line in lines(file_id):
            answer = parse_line(line)
            if answer is None:
                results.ignored["lines that cannot be read"] += bool(line.strip())
            elif answer.request_id not in expected:
                results.ignored["lines with an unknown id"] += 1
            elif answer.request_id in results.seen:
                results.ignored["repeated lines"] += 1
            else:
                results.seen.add(answer.request_id)
                if (request := asked(answer.request_id)) is None:
                    continue
                completion = completion_of(answer, request, key)
                if completion.settled:
                    give(completion)
                else:
                    results.failed[answer.request_id] = completion
    return results


def is_queue_full(state: State) -> bool:
    """Whether a batch was refused as the account has too much at the provider already."""
    return state.status == "failed" and any(error.code == "token_limit_exceeded" for error in _errors(state))


def refused_lines(
    state: State, request_ids: Iterable[str], words: Callable[[object], str], where: str
) -> Iterator[Answer]:
    """Answers of status 400 to the requests for whose sake a batch was refused; `request_ids` are in the file's order.

    Raises TeacherError, with the provider's `words`, where it was refused for another reason.
    """
    by_line = dict(enumerate(request_ids, 1))
    for error in _errors(state):
        if error.line not in by_line or _is_about_all(error):
            said = f"{error.code or 'no code'}: {words(error.message)}".rstrip(": ")
            fix = "check the model, and whether the provider has a batch API for it; nothing was charged for this batch"
            raise TeacherError(f"the batch was refused ({said})", where=where, fix=fix)
        yield Answer(by_line[error.line], 400, {"code": error.code, "message": error.message})
    if not _errors(state):
        raise TeacherError("the batch was refused without a reason", where=where, fix="ask the provider, or run again")


def _errors(state: State) -> Sequence[BatchError]:
    return (state.errors.data if state.errors else None) or ()


def _is_about_all(error: BatchError) -> bool:
    """Whether the error of one line is that of all: they have the same model, method and path."""
    return "model" in (error.code or "") or error.param in ("model", "body.model", "url", "method")
