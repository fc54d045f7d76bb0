"""The one exception tree.

Every message says what happened, where, and what to do about it. `exit_code` is what the command line ends with:
1 error, 2 usage, 130 interrupted and resumable.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SynthgenError(Exception):
    """Base of all errors that synthgen raises on purpose.

    `what` happened, `where` (a path, a line, a key, a teacher), and `fix`: what the user can do now.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: object = None, fix: str | None = None) -> None:
        self.what = what
        self.where = None if where is None else str(where)
        self.fix = fix
        super().__init__(self._message())

    def _message(self) -> str:
        parts = [self.what if self.where is None else f"{self.where}: {self.what}"]
        if self.fix:
            parts.append(self.fix[:1].upper() + self.fix[1:])
        message = ". ".join(part.rstrip(".") for part in parts)
        return message if message.endswith(("?", "!")) else message + "."


class UsageError(SynthgenError):
    """The command or call itself is wrong: an unknown name, a bad value, a missing source."""

    exit_code = 2


class RecipeError(UsageError):
    """The recipe has an unknown key, a bad type or a value out of range."""


class SourceError(SynthgenError):
    """The source as a whole cannot be used: missing, empty, nothing readable, nothing to learn from."""


class DocumentError(SynthgenError):
    """One document cannot be read. It is quarantined and listed; the run goes on."""


class LicenceError(SynthgenError):
    """The licence policy refuses a document. It is listed by name; the run goes on without it."""


class TransformationError(UsageError):
    """A transformation file is invalid: front matter, JSON Schema or placeholders."""


class TokenizerError(UsageError):
    """A tokenizer is unknown or cannot be loaded."""


class TeacherError(SynthgenError):
    """A teacher cannot be used at all (authentication, unknown model, unreachable): the run stops."""


class TrainingError(SynthgenError):
    """The trainer or the evaluation cannot be used, refuses its configuration, or ended with an error."""


class StorageError(SynthgenError):
    """The run directory cannot be read or written: no space, no permission, damaged, other version."""


class RunLockedError(StorageError):
    """Another process works on this run directory."""


class BudgetError(SynthgenError):
    """The plan exceeds the budget, or a budget cannot be kept because a price is unknown."""


class GateError(SynthgenError):
    """A gate is missed before anything is asked: what would be made is known to be no good."""

    exit_code = 3


class RunInterruptedError(SynthgenError):
    """The run was asked to stop (Ctrl-C, SIGTERM). What was answered is kept; the same command resumes."""

    exit_code = 130


def nearest(name: str, valid: Iterable[str]) -> str:
    """The end of a message about an unknown name: the nearest valid one, or all of them."""
    valid = sorted(valid)
    close = difflib.get_close_matches(name, valid, n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else f"valid: {', '.join(valid)}"
