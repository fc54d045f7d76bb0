"""What the commands print. Only words and layout: what to say is decided elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console, Group
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text as RichText

from synthgen.data import Judged, Message, Transformation
from synthgen.pilot import report as pilot_report
from synthgen.pilot.report import Pilot
from synthgen.report import passes
from synthgen.report.browse import Cluster, Shown
from synthgen.report.result import RunResult
from synthgen.report.standing import Standing
from synthgen.report.summary import TABLE_HEAD, Summary, summarise
from synthgen.storage.layout import RunPaths

console = Console(highlight=False)
if not console.is_terminal:
    # A log has no edge; words that are cut or wrapped at 80 columns could not be searched or pasted.
    console = Console(highlight=False, width=200)
DROPPED_SHOWN = 4
"""Dropped records of a cluster that the list of clusters shows."""
_CONTROL = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160)), "�")


def Text(words: str, style: str = "") -> RichText:  # noqa: N802 (stands in for rich's own)
    """`words` as they are, but for control characters: a document must not steer the terminal."""
    return RichText(words.translate(_CONTROL), style)


def result(run: RunResult) -> None:
    """The closing summary of a run."""
    summary = summarise(run)
    if not run.worked:
        console.print(f"Nothing left to do: [bold]{escape(str(run.path))}[/] is complete and up to date.")
    headed(summary.title)
    _summary(summary)


def standing(now: Standing) -> None:
    """How far a run is."""
    summary = summarise(now.run)
    headed(summary.title)
    stages = "  ".join(f"[green]✓[/] {name}" if done else f"[dim]· {name}[/]" for name, done in now.stages)
    console.print(Padding(stages, (0, 2), expand=False))
    planned = "unknown" if now.planned is None else f"{now.planned:,}"
    answers = f"{now.answered:,} in the journal, of this plan and earlier ones; planned: {planned}"
    facts = [("At work", now.at_work or "no process"), ("Answers", answers)]
    if now.owed is not None:
        facts.append(("Owed", f"{now.owed:,} requests"))
    if now.torn_bytes:
        facts.append(
            ("Passed over", f"{now.torn_bytes:,} bytes of torn frames in the journal; they are asked for again")
        )
    show_facts(facts)
    _summary(summary)


def pilot(found: Pilot) -> None:
    """What a pilot found: a line for each transformation and teacher, the worst first."""
    headed(pilot_report.title(found))
    show_facts(pilot_report.facts(found))
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for column in pilot_report.HEAD:
        figure = column in ("accepted", "tokens", "$ per 1M")
        table.add_column(column, no_wrap=column != "why", justify="right" if figure else "left")
    styles = {"healthy": "green", "watch": "yellow", "collapsed": "bold red"}
    for row in pilot_report.rows(found.cells):
        table.add_row(*(Text(words, styles.get(words, "")) for words in row))
    console.print()
    console.print(Padding(table, (0, 2), expand=False))
    console.print()
    show_facts([(str(RunPaths(found.path).pilot), "these verdicts, and the numbers behind them")])
    console.print()


def records(found: Sequence[Judged]) -> None:
    """A list of records, one line each."""
    table = Table(box=None, pad_edge=False, header_style="dim", expand=True)
    for column, width in (("record", 12), ("outcome", 9), ("transformation", 14)):
        table.add_column(column, no_wrap=True, min_width=width)
    table.add_column("tokens", no_wrap=True, justify="right")
    table.add_column("begins", no_wrap=True, ratio=1)
    for judged in found:
        record = judged.record
        begins = " ".join((record.text or record.raw).split())[:200]
        outcome = judged.outcome if judged.outcome == "kept" else f"{judged.outcome}: {judged.code}"
        table.add_row(record.record_id[:12], outcome, record.transformation, f"{record.tokens:,}", Text(begins))
    console.print(table if found else "No such record.")


def clusters(found: Sequence[Cluster], total: int) -> None:
    """Clusters of records that say the same: the one that stays, and below it those that were dropped for it."""
    if not found:
        console.print("No record was dropped because another one says the same.")
        return
    table = Table(box=None, pad_edge=False, header_style="dim", expand=True)
    for column, width in (("record", 14), ("likeness", 8), ("transformation", 14)):
        table.add_column(column, no_wrap=True, min_width=width)
    table.add_column("begins", no_wrap=True, ratio=1)
    for cluster in found:
        table.add_row(cluster.stays.record.record_id[:12], "stays", *_begins(cluster.stays), style="bold")
        for judged in cluster.dropped[:DROPPED_SHOWN]:
            table.add_row(f"  {judged.record.record_id[:12]}", likeness(judged), *_begins(judged))
        if (more := len(cluster.dropped) - DROPPED_SHOWN) > 0:
            table.add_row("", "", "", f"... and {more:,} more")
    console.print(table)
    console.print(f"\n{len(found):,} of {total:,} clusters, the largest first")


def cluster(shown: Cluster) -> None:
    """The texts of one cluster: the record that stays, then those that were dropped for it, the likest first."""
    count = len(shown.dropped)
    headed(f"{shown.stays.record.record_id[:12]} stays for {count:,} other{'s' if count > 1 else ''}")
    for judged in (shown.stays, *shown.dropped):
        record = judged.record
        how = "stays" if judged is shown.stays else f"{judged.code}, {likeness(judged)}"
        title = f"{record.record_id[:12]} · {how} · {record.transformation} by {record.teacher} · {record.extract_id}"
        console.print(Panel(Text(record.text), title=escape(title), title_align="left", border_style="dim"))


def likeness(judged: Judged) -> str:
    """The Jaccard similarity of a dropped record with the one that stays."""
    return f"{judged.verdicts[-1].score:.2f}"


def _begins(judged: Judged) -> tuple[str, RichText]:
    record = judged.record
    return record.transformation, Text(" ".join(record.text.split())[:200])


def record(shown: Shown) -> None:
    """One record beside its source, and why it was kept or rejected."""
    judged, extract, document = shown.judged, shown.extract, shown.document
    record = judged.record
    headed(f"{judged.outcome}{f': {judged.code}' if judged.code else ''} · {record.transformation}")
    facts = [
        ("Record", record.record_id),
        ("Teacher", f"{record.teacher}, sample {record.sample}, finish reason {record.finish_reason}"),
        ("Document", f"{document.title} ({document.source})"),
        ("Licence", f"{document.licence or 'not stated'}; publisher: {document.publisher or 'not stated'}"),
        ("Section", " > ".join(extract.headings) or "none"),
        ("Span", f"characters {extract.start:,} to {extract.end:,}, {extract.tokens:,} tokens"),
    ]
    if judged.duplicate_of:
        facts.append(("Stays instead", judged.duplicate_of))
    if record.parse_error:
        facts.append(("Not readable", record.parse_error))
    show_facts(facts)
    source = Panel(Text(extract.text.strip()), title="source", border_style="dim")
    made = Panel(Text(record.text or record.raw or "(no text)"), title="record", border_style="dim")
    if console.width < 110:
        console.print(Group(source, made))
    else:
        side = Table.grid(expand=True, padding=(0, 1))
        side.add_column(ratio=1)
        side.add_column(ratio=1)
        side.add_row(source, made)
        console.print(side)
    if spans := [item for verdict in judged.verdicts for item in verdict.evidence if "support" in item]:
        console.print(_alignment(spans, record.text, extract.text))
    for verdict in judged.verdicts:
        mark = "[green]✓[/]" if verdict.keep else "[red]✗[/]"
        offending = (item for item in verdict.evidence if "support" not in item or "text" in item)
        evidence = "; ".join(json.dumps(dict(item), ensure_ascii=False) for item in offending)
        console.print(
            Padding(f"{mark} {verdict.filter} {escape(verdict.code)} {escape(evidence)}".rstrip(), (0, 2), expand=False)
        )


def _alignment(spans: Sequence[Mapping[str, Any]], record: str, source: str) -> Table:
    """Each statement of a record beside the span of its source that supports it best."""
    table = Table(box=None, padding=(0, 2), header_style="dim", expand=True)
    table.add_column("statement", ratio=1, no_wrap=True)
    table.add_column("rests on", ratio=1, no_wrap=True)
    table.add_column("support", justify="right")
    for span in spans:
        said = " ".join(record[span["start"] : span["end"]].split())
        rests = " ".join(source[span.get("source_start", 0) : span.get("source_end", 0)].split())
        table.add_row(Text(said, "red" if "text" in span else ""), Text(rests), f"{span['support']:.0%}")
    return table


def transformations(available: Iterable[Transformation]) -> None:
    """The list of transformations."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("name", "kind", "version", "what it asks for"):
        table.add_column(column)
    for transformation in available:
        table.add_row(transformation.name, transformation.kind, str(transformation.version), transformation.summary)
    console.print(table)


def transformation(shown: Transformation) -> None:
    """One transformation in full."""
    headed(f"{shown.name} (version {shown.version}, {shown.kind})")
    console.print(Text(f"{shown.summary}\n\n{shown.instruction}"))
    for axis, values in shown.vary.items():
        console.print(f"\n[bold]{axis}[/] is one of")
        for value in values:
            console.print(f"  - {escape(value)}")


def messages(sent: Iterable[Message]) -> None:
    """Chat messages, exactly as they would be sent, in plain text."""
    for message in sent:
        console.print(f"[dim]--- {message['role']} ---[/]")
        print(message["content"])  # noqa: T201 (exact text: no wrapping, no markup)


def headed(title: str) -> None:
    """The title of a page."""
    console.print(f"\n[bold]{escape(title)}[/]\n")


def _summary(summary: Summary) -> None:
    show_facts(summary.facts)
    if summary.table:
        console.print()
        console.print(Padding(numbers(TABLE_HEAD, summary.table), (0, 2), expand=False))
    if summary.reasons:
        console.print()
        console.print(
            Padding(numbers(("not kept because", "answers", "meaning"), summary.reasons), (0, 2), expand=False)
        )
    if summary.contamination:
        console.print()
        console.print(Padding(numbers(passes.TABLE_HEAD, summary.contamination), (0, 2), expand=False))
    if summary.files:
        console.print()
        show_facts(summary.files)
    for warning in summary.warnings:
        console.print()
        console.print(Padding(f"[yellow]![/] {escape(warning)}", (0, 2), expand=False))
    if summary.next:
        console.print("\n[bold]Next[/]\n")
        for what, command in summary.next:
            console.print(Text(f"  {what}:"), Text(f"    {command}", style="cyan"), sep="\n", soft_wrap=True)
    console.print()


def show_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Lines of a label and what there is to say."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for label, text in facts:
        table.add_row(Text(label), Text(text))
    console.print(Padding(table, (0, 2), expand=False))


def numbers(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table of figures; the row called `total` stands out."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for number, column in enumerate(head):
        table.add_column(column, justify="right" if number > 0 and column != "meaning" else "left")
    for row in rows:
        table.add_row(*map(Text, row), style="bold" if row[0] == "total" else None)
    return table
