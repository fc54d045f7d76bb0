"""The commented recipe that `synthgen init` writes."""

from __future__ import annotations

from pathlib import Path

from synthgen.errors import StorageError, UsageError

TEMPLATE = Path(__file__).parent / "starter.toml"


def write_starter(path: Path) -> None:
    """Writes the commented recipe to `path`. Raises UsageError if something stands there already."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(TEMPLATE.read_text("utf-8"))
    except FileExistsError as error:
        raise UsageError("exists already", where=path, fix="choose another name or move it away") from error
    except OSError as error:
        raise StorageError(f"cannot be written ({error.strerror})", where=path, fix="choose another place") from error
