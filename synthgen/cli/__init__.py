"""The command line: one file a command, no logic in any of them."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from synthgen.cli import ablate, check, doctor, filter, init, pack, pilot, plan, prompts, requests, run, show, status
from synthgen.errors import SynthgenError
from synthgen.version import __version__

app = typer.Typer(
    name="synthgen",
    help="Turns clinical guidelines into a synthetic training set worth training on.",
    epilog="Begin with: synthgen run --source FOLDER. Nothing leaves this machine unless you name a remote teacher.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"synthgen {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Options of the command line as a whole."""


app.command("run")(run.run)
app.command("plan")(plan.plan)
app.command("pilot")(pilot.pilot)
app.command("ablate")(ablate.ablate)
app.command("status")(status.status)
app.command("show")(show.show)
app.command("filter")(filter.filter_)
app.command("pack")(pack.pack)
app.command("check")(check.check)
app.command("prompts")(prompts.prompts)
app.command("doctor")(doctor.doctor)
app.command("init")(init.init)
app.add_typer(requests.app)


def main() -> None:
    """Runs the command line; every error of synthgen becomes one clear line and its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal or log in another encoding gets question marks for signs that it cannot show.
        if isinstance(stream, TextIOWrapper) and stream.encoding.lower() != "utf-8":
            stream.reconfigure(errors="replace")
    try:
        app()
    except SynthgenError as error:
        line = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(error))
        typer.echo(f"synthgen: {line}", err=True)
        sys.exit(error.exit_code)
