"""`synthgen show`: records beside their source."""

from __future__ import annotations

from typing import Annotated

import typer

from synthgen.cli import options


def show(
    run: options.RunFolder,
    record: Annotated[
        str | None, typer.Argument(help="A record's id, or the beginning of one. Without it, some are listed.")
    ] = None,
    outcome: Annotated[str | None, typer.Option(help="Only kept, rejected or failed ones.")] = None,
    transformation: Annotated[str | None, typer.Option(help="Only those of one transformation.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many to list.")] = 20,
) -> None:
    """Show a record beside its source, and why it was kept or rejected; without a record, list some."""
    from synthgen.cli import output
    from synthgen.report.browse import find_record, list_records

    if record is None:
        output.records(list_records(run, outcome, transformation, limit))
    else:
        output.record(find_record(run, record))
