"""What `plan` and `doctor` print: words and layout of estimates and checkups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from rich.padding import Padding

from synthgen.budget import Cap
from synthgen.cli import output
from synthgen.cli.progress import duration
from synthgen.cost import dollars
from synthgen.data import Usage
from synthgen.doctor import Checkup
from synthgen.estimate import TOKENS_A_SECOND, Estimate, TeacherEstimate
from synthgen.ranges import Range
from synthgen.report import topics
from synthgen.topics.coverage import Coverage

NO_PRICE = "unknown: give --price MODEL=IN/OUT, or price_input and price_output in the recipe"
BATCH = "up to 24 h for each batch"
CAPS: Mapping[Cap, str] = {"requests": "requests", "usd": "dollars", "hours": "hours"}


def estimate(expected: Estimate) -> None:
    """What a plan takes."""
    output.headed(f"{expected.requests:,} requests")
    output.show_facts(_totals(expected))
    if len(expected.teachers) > 1:
        head = ("teacher", "requests", "prompt tokens", "answer tokens", "dollars", "time")
        table = output.numbers(head, map(_row, expected.teachers))
        output.console.print()
        output.console.print(Padding(table, (0, 2), expand=False))
    for teacher in expected.teachers:
        output.console.print()
        output.console.print(Padding(output.Text(teacher.name, "bold"), (0, 2), expand=False))
        output.show_facts(_basis(teacher))
    _coverage(expected.coverage)
    output.console.print("\nNothing was sent.")


def _coverage(found: Coverage) -> None:
    """What of the field the source covers, and the requests; the names are those that the recipe gives weights to."""
    systems, tasks = found.lines("systems"), found.lines("tasks")
    rows = [
        (line.name, line.title, _percent(line.source), _percent(line.made))
        for line in (*systems, *tasks)
        if line.source and not line.missing
    ]
    output.console.print()
    table = output.numbers(("topic", "meaning", "source", "plan"), rows)
    output.console.print(Padding(table, (0, 2), expand=False))
    output.console.print()
    output.show_facts([("Field", topics.covered(systems))])


def checkups(found: Iterable[Checkup]) -> None:
    """What the examination of each teacher found."""
    for checkup in found:
        style = "red" if not checkup.usable else "yellow" if checkup.problems else "green"
        output.console.print()
        sign = "✓" if checkup.usable else "✗"
        output.console.print(output.Text(sign, style), output.Text(checkup.teacher, "bold"))
        output.show_facts(_findings(checkup))
        for problem in checkup.problems:
            fix = f". {problem.fix[:1].upper()}{problem.fix[1:]}" if problem.fix else ""
            words = output.Text(f"{problem.what}{fix}.")
            output.console.print(Padding(output.Text("! ", style) + words, (0, 2), expand=False))
    output.console.print()


def _totals(expected: Estimate) -> Iterator[tuple[str, str]]:
    yield "By transformation", _counts(expected.by_transformation)
    yield "By teacher", _counts(expected.by_teacher)
    yield "To be asked", f"{expected.owed:,} ({expected.requests - expected.owed:,} are answered already)"
    if expected.teachers:
        yield "Prompts", f"about {_range(expected.prompt_tokens, _amount)} tokens"
        yield "Answers", f"about {_range(expected.completion_tokens, _amount)} tokens"
        yield "Cost", _cost(expected.usd)
        batches = [teacher.name for teacher in expected.teachers if not teacher.immediate]
        times = [f"about {_range(expected.hours, _time)}"] if expected.hours else []
        times += [f"{BATCH} of {', '.join(batches)}"] if batches else []
        yield "Time", "; ".join(times) or "no model is waited for"
    for cap, share in expected.caps.items():
        reached = (
            f"stops it when about {_percent(share)} of these are asked"
            if share < 1
            else "is not expected to be reached"
        )
        yield f"Cap on {CAPS[cap]}", reached
    yield "Leaves here", f"source text is sent to {', '.join(expected.remote)}" if expected.remote else "nothing"


def _cost(usd: Range | None) -> str:
    if usd is None:
        return NO_PRICE
    return f"about {_range(usd, dollars)}" if usd.high else "nothing"


def _row(teacher: TeacherEstimate) -> tuple[str, ...]:
    hours = _time(teacher.hours.expected) if teacher.hours else "none" if teacher.immediate else BATCH
    return (
        teacher.name,
        f"{teacher.owed:,}",
        _amount(teacher.prompt_tokens.expected),
        _amount(teacher.completion_tokens.expected),
        "unknown" if teacher.usd is None else dollars(teacher.usd.expected),
        hours,
    )


def _basis(teacher: TeacherEstimate) -> Iterator[tuple[str, str]]:
    """What an estimate is based on."""
    if teacher.counter:
        yield "Prompts", f"counted with {teacher.counter.name}"
        if teacher.counter.note:
            yield "", teacher.counter.note
    if teacher.measured:
        yield "Measured", f"on {teacher.measured:,} answers of this run: lengths, and seconds of a request"
    if teacher.assumed:
        yield "Answers", f"as long as {', '.join(teacher.assumed)} expect, or half or twice as long"
    if teacher.hours:
        pace = f", each at {TOKENS_A_SECOND:g} tokens a second, or a third or three times as many"
        yield "Time", f"{teacher.in_flight:,} requests at once{pace if teacher.assumed else ''}"
    if teacher.cached:
        yield "Cache", f"{_percent(teacher.cached)} of the prompt tokens are expected to be read from it"
    if teacher.price_factor != 1:
        yield "Price", f"{_percent(teacher.price_factor)} of the model's, as it answers in batches"


def _findings(checkup: Checkup) -> Iterator[tuple[str, str]]:
    served = ", ".join(f"{key} {value}" for key, value in checkup.served.items() if value is not None)
    if checkup.model:
        yield "Model", f"{checkup.model}; it says that it runs {served}" if served else checkup.model
    answer = checkup.answer
    if answer is None:
        if checkup.usable:
            yield "Answer", "not asked: it works in batches; key and address are right"
    elif answer.answered:
        took = f"{answer.latency:.2f} s" if answer.latency < 10 else duration(answer.latency)
        counted = f"{answer.usage.prompt:,} prompt and {answer.usage.completion:,} completion tokens"
        tokens = counted if answer.usage != Usage() else "no tokens counted"
        yield "Answer", f"in {took}; finish reason {answer.finish_reason}; {tokens}"
    if checkup.structured:
        yield "JSON Schema", checkup.structured
    if checkup.usable and checkup.model:
        yield "Context", f"{checkup.context:,} tokens" if checkup.context else "unknown: the server does not state it"
    if checkup.usable and checkup.usd_1000 == 0:
        yield "Price", "free"
    elif checkup.usable and checkup.usd_1000 is not None:
        here = "" if checkup.usd is None else f"{dollars(checkup.usd)} for this examination; "
        yield "Price", f"{here}about {dollars(checkup.usd_1000)} for 1,000 average requests"


def _range(amount: Range, show: Callable[[float], str]) -> str:
    return f"{show(amount.expected)} ({show(amount.low)} to {show(amount.high)})"


def _amount(tokens: float) -> str:
    """A number of tokens with three digits that count: `277,000`, `1.23 billion`."""
    for size, name in ((1e9, "billion"), (1e6, "million")):
        if tokens >= size:
            return f"{tokens / size:.3g} {name}"
    return f"{float(f'{tokens:.3g}'):,.0f}"


def _time(hours: float) -> str:
    return duration(hours * 3600) if hours < 72 else f"{hours / 24:,.1f} days"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())
