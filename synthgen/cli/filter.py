"""`synthgen filter`: judge a run again, without the teacher."""

from __future__ import annotations

import typer

from synthgen.cli import options


def filter_(run: options.RunFolder, recipe: options.RecipeFile = None) -> None:
    """Judge the answers of a run again and make its set anew. Nothing is asked, and the source is not read.

    Of --recipe only [filters], [dedup], [decontaminate] and [gates] count; without it, the run's own are used. It says
    what changed.

    Exit codes: 0 the set is there and passed its gates; 1 error; 2 usage; 3 a gate was missed.
    """
    import synthgen
    from synthgen.cli import checked, output, progress

    with progress.terminate_as_interrupt(), progress.shown() as on_progress:
        found = synthgen.filter_run(run, recipe, on_progress=on_progress)
    checked.changed(found, output.console)
    output.result(found.result)
    raise typer.Exit(found.result.exit_code)
