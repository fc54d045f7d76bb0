"""`synthgen requests`: batch files out to a host that answers them, and its answers in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synthgen.cli import options

app = typer.Typer(
    name="requests",
    help="Have requests answered elsewhere: by `vllm run-batch` on a GPU host without synthgen, or by a batch API.",
    no_args_is_help=True,
)


@app.command("export")
def export(
    source: options.Sources = None,
    recipe: options.RecipeFile = None,
    out: options.Out = None,
    teacher: options.Teachers = None,
    prompts: options.Prompts = None,
    target_tokens: options.TargetTokens = None,
    to: Annotated[Path | None, typer.Option("--to", help="The folder of the files. Default: requests/ in RUN.")] = None,
    per_file: Annotated[int, typer.Option(min=1, help="At most so many requests in a file.")] = 50_000,
) -> None:
    """Write the requests that a run owes to files, one teacher's a file. Nothing is sent, and no key is needed."""
    from synthgen.batches.exchange import export_requests
    from synthgen.batches.lines import Limits
    from synthgen.cli import output, progress
    from synthgen.pipeline import resolve

    wanted = resolve(source, recipe, teachers=teacher, prompts=prompts, target_tokens=target_tokens)
    with progress.shown() as on_progress:
        exported = export_requests(
            recipe=wanted, out=out, to=to, limits=Limits(requests=per_file), on_progress=on_progress
        )
    lines = [f"{exported.requests:,} requests in {len(exported.files):,} files"]
    lines += [f"  {file.path}  {file.requests:,} for {file.teacher}" for file in exported.files]
    lines += [f"{count:,} left out {why}" for why, count in exported.left_out.items()]
    if exported.files:
        file = exported.files[0]
        lines += [
            "",
            "Next, for each file, where the model is:",
            f"  vllm run-batch -i {file.path.name} -o answers.jsonl --model {file.model}",
            "Then, here:",
            f"  synthgen requests import answers.jsonl --out {exported.run}",
        ]
    output.console.print(output.Text("\n".join(lines)), soft_wrap=True)


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILES...", help="Files with answers.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", "-o", help="The run directory.", show_default=False)],
) -> None:
    """Put answers into a run; then `synthgen run` goes on with it. Giving the same files again changes nothing."""
    from synthgen.batches.exchange import import_requests
    from synthgen.cli import output, progress

    with progress.shown() as on_progress:
        found = import_requests(files, out, on_progress=on_progress)
    lines = [
        f"{found.answered:,} answers imported",
        f"{found.rejected:,} requests rejected for good",
        f"{found.failed:,} failed, to be asked again",
        f"{found.unknown:,} lines of no request in this run",
        f"{found.already:,} were there already",
        f"{found.unreadable:,} lines that cannot be read",
        f"{found.owed:,} requests still owed",
        "",
        "Next: the same `synthgen run` as before"
        + ("" if not found.owed else ", which asks for these; or `synthgen requests export` again"),
    ]
    output.console.print(output.Text("\n".join(lines)), soft_wrap=True)
