"""`synthgen run`: the whole way from guidelines to a packed set."""

from __future__ import annotations

import typer

from synthgen.cli import options


def run(
    source: options.Sources = None,
    recipe: options.RecipeFile = None,
    out: options.Out = None,
    teacher: options.Teachers = None,
    prompts: options.Prompts = None,
    target_tokens: options.TargetTokens = None,
) -> None:
    """Make a training set from guidelines. The same command again resumes, or says that nothing is left to do.

    Exit codes: 0 the set is there and passed its gates; 1 error; 2 usage; 3 a gate was missed; 130 interrupted.
    """
    import synthgen
    from synthgen.cli import output, progress
    from synthgen.pipeline import resolve

    wanted = resolve(source, recipe, teachers=teacher, prompts=prompts, target_tokens=target_tokens)
    with progress.terminate_as_interrupt(), progress.shown() as on_progress:
        result = synthgen.run(recipe=wanted, out=out, on_progress=on_progress)
    output.result(result)
    raise typer.Exit(result.exit_code)
