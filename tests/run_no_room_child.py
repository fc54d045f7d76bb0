"""Runs command lines of synthgen, each in a fork of this process, which has loaded what they need.

Reads a JSON object a line, `{"arguments": [...], "largest_file": BYTES or null}`, and answers each with a line,
`{"code": ..., "out": ..., "err": ...}`.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from synthgen.cli import main
from synthgen.filters import build_filters
from synthgen.tokens import load_tokenizer


def command(arguments: Sequence[str], largest_file: int | None) -> dict[str, object]:
    """How the command line ends and what it prints, where no file may grow over `largest_file` bytes.

    Each stream may be as long as a pipe is deep (64 KiB).
    """
    (out, out_end), (err, err_end) = os.pipe(), os.pipe()
    child = os.fork()
    if not child:
        os.dup2(out_end, 1)
        os.dup2(err_end, 2)
        _be_command(arguments, largest_file)
    os.close(out_end)
    os.close(err_end)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with os.fdopen(out, encoding="utf-8") as printed, os.fdopen(err, encoding="utf-8") as said:
        return {"code": code, "out": printed.read(), "err": said.read()}


def _be_command(arguments: Sequence[str], largest_file: int | None) -> NoReturn:
    code: object = 1
    try:
        sys.argv = ["synthgen", *arguments]
        if largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, resource.RLIM_INFINITY))
        main()
        code = 0
    except SystemExit as end:
        code = end.code or 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    # Loaded here once, so that a child begins with the work.
    load_tokenizer("mistral-7b-v0.1")
    for module in (
        "jsonschema",
        "pyarrow.parquet",
        "rich.progress",
        "synthgen.cli.output",
        "synthgen.pipeline",
        "yaml",
    ):
        import_module(module)
    build_filters({})
    for line in sys.stdin:
        print(json.dumps(command(**json.loads(line))), flush=True)  # noqa: T201 (read by the test)
