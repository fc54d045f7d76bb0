"""The closing words of a run: the same facts for the terminal and for `report/summary.md`."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from synthgen.cost import dollars
from synthgen.filters.base import Filter
from synthgen.jury.agreement import Agreement
from synthgen.jury.votes import CODES as JUDGE_CODES
from synthgen.registry import parts
from synthgen.removal import CODES
from synthgen.report import packing, passes, topics
from synthgen.report.account import Account, share
from synthgen.report.result import RunResult


@dataclass(frozen=True, slots=True)
class Summary:
    """`facts` are lines of (label, text); `table` has a row for each transformation, then the total; `contamination`
    one for each evaluation set, `topics` one for each topic; `next` steps."""

    title: str
    facts: tuple[tuple[str, str], ...]
    table: tuple[tuple[str, ...], ...]
    reasons: tuple[tuple[str, ...], ...]
    contamination: tuple[tuple[str, ...], ...]
    topics: tuple[tuple[str, ...], ...]
    warnings: tuple[str, ...]
    files: tuple[tuple[str, str], ...]
    next: tuple[tuple[str, str], ...]


CAPS = {
    "requests": ("requests", "--max-requests"),
    "usd": ("dollars", "--max-cost"),
    "hours": ("hours", "--max-hours"),
}
"""The caps of the budget: what each is on, and the option that sets it."""

TABLE_HEAD = ("transformation", "planned", "kept", "rejected", "failed", "tokens", "accepted")


def summarise(run: RunResult) -> Summary:
    """What a run made, where, what was rejected and why, and what to do next."""
    account = run.counts if run.finished else None
    return Summary(
        title=_title(run, account),
        facts=tuple(_facts(run, account)),
        table=tuple(_table(account)) if account else (),
        reasons=_reasons(account) if account else (),
        contamination=passes.table(run) if account else (),
        topics=topics.table(run) if account else (),
        warnings=tuple(_warnings(run, account)),
        files=_files(run) if run.finished else (),
        next=tuple(_next(run, account)),
    )


def to_markdown(summary: Summary) -> str:
    """The summary as a Markdown page."""
    lines = [f"# {summary.title}", ""]
    lines += [f"- **{label}**: {text}" for label, text in summary.facts]
    lines += [f"\n> **Note**: {warning}" for warning in summary.warnings]
    if summary.table:
        lines += ["", "## What became of the requests", "", _row(TABLE_HEAD), _row(("---",) + ("---:",) * 6)]
        lines += [_row(row) for row in summary.table]
    if summary.reasons:
        lines += [
            "",
            "## Why answers were not kept",
            "",
            _row(("reason", "records", "meaning")),
            _row(("---", "---:", "---")),
        ]
        lines += [_row(row) for row in summary.reasons]
    if summary.contamination:
        lines += ["", "## What of evaluation sets stands in the records", "", _row(passes.TABLE_HEAD)]
        lines += [_row(("---",) + ("---:",) * 5), *map(_row, summary.contamination)]
    if summary.topics:
        lines += ["", "## What of the field it covers", "", topics.NOTE, "", _row(topics.HEAD)]
        lines += [_row(("---", "---:", "---:", "---")), *map(_row, summary.topics)]
    if summary.files:
        lines += ["", "## Where it is", "", *(f"- `{path}`: {what}" for path, what in summary.files)]
    lines += ["", "## What to do next", "", *(f"- {what}: `{command}`" for what, command in summary.next)]
    return "\n".join(lines) + "\n"


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cells) + " |"


def _title(run: RunResult, account: Account | None) -> str:
    if run.owed:
        return "This part is done"
    if account is None or not run.finished:
        return "Unfinished run"
    partial = " (partial)" if account.total.pending else ""
    return f"{account.total.kept:,} records, {account.total.tokens:,} tokens{partial}"


def _facts(run: RunResult, account: Account | None) -> list[tuple[str, str]]:
    facts = []
    if read := run.stage("read"):
        formats = ", ".join(f"{count} {name}" for name, count in read["formats"].items())
        aside = ", ".join(f"{count} {code.replace('_', ' ')}" for code, count in read["quarantined"].items())
        facts.append(("Documents", f"{sum(read['formats'].values()):,} ({formats}); set aside: {aside or 'none'}"))
    if cut := run.stage("extract"):
        facts.append(("Extracts", f"{cut['extracts']:,} with {cut['tokens']:,} tokens"))
        facts.append(("Coverage", _coverage(cut["characters"], cut["used"], cut["dropped"])))
    if account:
        teachers = ", ".join(f"{name} ({tally.kept:,} kept)" for name, tally in account.by_teacher.items())
        remote = ", ".join(run.stage("judge")["remote"])
        left = f"source text was sent to {remote}" if remote else "nothing left this machine"
        facts.append(("Teacher" if len(account.by_teacher) == 1 else "Teachers", f"{teachers}; {left}"))
        facts.append(("Account", account.total.equation))
        if agreement := run.stage("judge").get("agreement"):
            facts.append(("Judge", _judge(Agreement.from_json(agreement), run.recipe.judge.teacher)))
        facts += passes.facts(run)
        facts += topics.facts(run)
        facts.append(("Cost", _cost(account)))
        if run.recipe.target_tokens:
            facts.append(("Target", _target(run, run.recipe.target_tokens, account)))
    if packed := run.stage("pack"):
        rows = f"{packed['rows']:,} rows, {packed['tokens']:,} tokens"
        facts.append(("Packed", f"{rows}; {packing.windows(packed)}"))
    facts += [("Gate passed" if gate.passed else "GATE MISSED", str(gate)) for gate in run.gates]
    return facts


def _coverage(characters: int, used: int, dropped: dict[str, int]) -> str:
    reasons = ", ".join(f"{code.replace('_', ' ')} {share(count, characters)}" for code, count in dropped.items())
    in_extracts = f"{share(used, characters)} of the text is in extracts"
    return f"ledger complete: {in_extracts}; dropped and listed: {reasons or 'nothing'}"


def _target(run: RunResult, target: int, account: Account) -> str:
    rounds = run.stage("target")["rounds"]
    samples = f"{rounds[-1]:.3g} samples of an extract for each transformation"
    steps = "one step" if len(rounds) == 1 else f"{len(rounds)} steps"
    return f"{share(account.total.tokens, target)} of {target:,} tokens, in {steps}: up to {samples}"


def _judge(found: Agreement, name: str | None) -> str:
    """What the judge said of how many records, and how far it agrees with the filters."""
    agree = share(found.both_keep + found.both_reject, found.judged)
    said = f"{name} read {found.judged:,} records and rejects {found.only_judge_rejects:,} that the filters keep"
    audited = found.only_rules_reject + found.both_reject
    said += f"; they agree on {agree}, and on {found.both_reject:,} of {audited:,} that the filters reject"
    return said + (f"; {found.unjudged:,} have no vote that can be read" if found.unjudged else "")


def _cost(account: Account) -> str:
    spent = "unknown (a teacher has no price)" if account.usd is None else dollars(account.usd)
    if not account.prompt_tokens and not account.completion_tokens:
        return f"{spent}; no teacher counted tokens"
    return f"{spent}; {account.prompt_tokens:,} prompt and {account.completion_tokens:,} completion tokens"


def _table(account: Account) -> list[tuple[str, ...]]:
    rows = [*account.by_transformation.items(), ("total", account.total)]
    return [
        (
            name,
            f"{t.planned:,}",
            f"{t.kept:,}",
            f"{t.rejected:,}",
            f"{t.failed:,}",
            f"{t.tokens:,}",
            share(t.kept, t.planned),
        )
        for name, t in rows
    ]


def _reasons(account: Account) -> tuple[tuple[str, ...], ...]:
    words = meanings()
    return tuple((code, f"{count:,}", words.get(code, "the request failed")) for code, count in account.reasons.items())


def meanings() -> dict[str, str]:
    """What each reason for which a record is rejected means, in a few plain words."""
    words = CODES | JUDGE_CODES
    for one in parts("synthgen.filters", Filter).values():
        words |= one.codes
    return words


def _warnings(run: RunResult, account: Account | None) -> list[str]:
    warnings = []
    if all(teacher.backend == "extractive" for teacher in run.recipe.teachers):
        warnings.append(
            "The extractive teacher only rearranges sentences of the source. Its set is the control arm of an "
            "ablation; name a model with --teacher for a set to train on."
        )
    if run.owed:
        warnings.append(f"{run.owed:,} requests are left to other shards. The last of them makes the set.")
    if run.collapsed:
        cells = ", ".join(f"{cell.transformation} with {cell.teacher}" for cell in run.collapsed)
        warnings.append(f"The pilot found collapsed: {cells}. Its reasons are in {run.paths.pilot}.")
    if account and run.recipe.target_tokens:
        warnings += _short_of(run, run.recipe.target_tokens, account)
    if account and account.total.failed:
        warnings.append(f"{account.total.failed:,} requests failed; the same command asks for them again.")
    stopped_by = run.stage("generate").get("stopped_by")
    if account and account.total.pending and stopped_by:
        name, option = CAPS[stopped_by]
        warnings.append(
            f"The set is partial: the cap on {name} stopped the run with {account.total.pending:,} requests not asked. "
            f"The same command with a larger {option} goes on."
        )
    return warnings


def _short_of(run: RunResult, target: int, account: Account) -> list[str]:
    """Why the set has not come to its target, where the caps of the budget do not say it."""
    has = f"The set has {share(account.total.tokens, target)} of its target"
    if run.grows:
        return [f"{has}: start all shards again for the next round."]
    if run.stage("target").get("ended") == "exhausted":
        return [f"{has}: more samples bring nothing new. Give more sources, transformations or teachers."]
    return []


def _files(run: RunResult) -> tuple[tuple[str, str], ...]:
    paths = run.paths
    return (
        (f"{paths.dataset}", "the set with its card, for datasets.load_dataset"),
        (f"{paths.packed}", "the set in tokens, with axolotl.yml beside it"),
        (f"{paths.records}", "all records, kept and rejected, with every verdict"),
        (
            f"{paths.report}",
            "this summary, and why answers went; coverage, duplicates, contamination, topics as tables",
        ),
    )


def _next(run: RunResult, account: Account | None) -> list[tuple[str, str]]:
    path = shlex.quote(str(run.path))
    if run.owed:
        return [("see which shards are at work, and what is owed", f"synthgen status {path}")]
    if account is None or not run.finished:
        return [("go on where it stopped", f"synthgen run --recipe {path}/recipe.toml --out {path}")]
    steps = [("see records beside their source", f"synthgen show {path}")]
    if account.total.pending:
        steps.append(("see what the rest would take", f"synthgen plan --recipe {path}/recipe.toml --out {path}"))
    if account.total.rejected:
        steps.append(("see why records were rejected", f"synthgen show {path} --outcome rejected"))
    if run.stage("deduplicate")["clusters"]:
        steps.append(("see which records say the same", f"synthgen show {path} --cluster"))
    if run.recipe.training.trainer:
        steps.append(("train on it, where the trainer is installed", f"bash {path}/packed/train.sh"))
    steps.append(("find out what it is worth", f"synthgen ablate {path}"))
    if all(teacher.backend == "extractive" for teacher in run.recipe.teachers):
        source = " ".join(f"--source {shlex.quote(source)}" for source in run.state.source)
        steps.append(("see what a model as teacher would take", f"synthgen plan {source} --teacher openai:MODEL"))
    return steps
