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
    cluster: Annotated[
        bool, typer.Option("--cluster", help="Clusters of records that say the same, or the texts of a record's own.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many to list.")] = 20,
) -> None:
    """Show a record beside its source, and why it was kept or rejected; without a record, list some."""
    from synthgen.cli import output
    from synthgen.report.browse import find_cluster, find_record, list_clusters, list_records

    if cluster and record is None:
        output.clusters(*list_clusters(run, limit))
    elif cluster and record is not None:
        output.cluster(find_cluster(run, record))
    elif record is None:
        output.records(list_records(run, outcome, transformation, limit))
    else:
        output.record(find_record(run, record))
