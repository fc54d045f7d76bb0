"""Which files a source consists of."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from synthgen.data import Quarantined
from synthgen.errors import SourceError
from synthgen.sources.base import SourceFile


def discover(paths: Sequence[str | Path], suffixes: Iterable[str]) -> list[SourceFile | Quarantined]:
    """The files under `paths`, sorted by name; inside a folder, one with an unknown suffix is a Quarantined.

    Names are relative to the path that was given; where two would be the same, all begin with the name of their root.
    Hidden files and folders and run directories are passed over, and what links reach twice is read once. Raises
    SourceError for no path, a missing path, an empty folder, a folder with nothing that is known, and a single file of
    an unknown format.
    """
    if not paths:
        raise SourceError("no source was given", fix="name a file or a folder with documents")
    known = tuple(sorted(suffixes))
    found: dict[Path, tuple[Path, str]] = {}
    for root in map(Path, paths):
        for path, name in _listed(root, known):
            found.setdefault(path.resolve(), (root, name))
    names = [name for _, name in found.values()]
    labels = _labels([root for root, _ in found.values()]) if len(set(names)) < len(names) else {}
    labels = labels if len(labels) > 1 else {}
    entries: list[SourceFile | Quarantined] = []
    for path, (root, name) in found.items():
        name = f"{labels[_folder(root)]}/{name}" if labels else name
        entries.append(SourceFile(path, name) if _is_known(path, name, known) else _unknown(path, name))
    return sorted(entries, key=lambda entry: entry.name if isinstance(entry, SourceFile) else entry.source)


def _listed(root: Path, known: tuple[str, ...]) -> Iterator[tuple[Path, str]]:
    """The files of one root, each with its name in it."""
    formats = f"the formats are {' '.join(known)}"
    if root.is_dir():
        files = list(_walk(root))
        if not files:
            raise SourceError("the folder has no files", where=root, fix="put documents into it or name another")
        if not any(name.lower().endswith(known) for _, name in files):
            raise SourceError(f"none of the {len(files)} files has a format that can be read", where=root, fix=formats)
        yield from files
    elif not root.exists():
        raise SourceError("there is no such file or folder", where=root, fix="check the path")
    elif not _is_known(root, root.name, known):
        raise SourceError("the file has no format that can be read", where=root, fix=formats)
    else:
        yield root, _portable(root.name)


def _walk(root: Path) -> Iterator[tuple[Path, str]]:
    """All files under a folder that are not hidden, through links, each folder once."""
    seen: set[str] = set()
    for folder, folders, files in os.walk(root, followlinks=True, onerror=_cannot_list):
        real = os.path.realpath(folder)
        folders[:] = sorted(name for name in folders if not name.startswith(".")) if real not in seen else []
        if real in seen:
            continue
        seen.add(real)
        folders[:] = [name for name in folders if not _is_run(Path(folder, name))]
        for name in sorted(files):
            if not name.startswith("."):
                path = Path(folder, name)
                yield path, _portable(path.relative_to(root).as_posix())


def _is_run(folder: Path) -> bool:
    """Whether a folder is a run directory, whose files are made from documents and are none."""
    return all((folder / name).is_file() for name in (".lock", "recipe.toml"))


def _cannot_list(error: OSError) -> None:
    raise SourceError(
        f"the folder cannot be listed ({error.strerror})", where=error.filename, fix="check its permissions"
    ) from error


def _portable(name: str) -> str:
    """A file name as printable Unicode on one line, whatever bytes the file system has: it stands in every report."""
    text = os.fsencode(name).decode("utf-8", "replace")
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def _is_known(path: Path, name: str, known: tuple[str, ...]) -> bool:
    return name.lower().endswith(known) and (path.is_file() or not path.exists())


def _unknown(path: Path, name: str) -> Quarantined:
    if path.exists() and not path.is_file():
        return Quarantined(name, "unknown_format", f"{name}: is not a regular file.")
    return Quarantined(name, "unknown_format", f"{name}: no source reads files of this kind; convert or remove it.")


def _folder(root: Path) -> Path:
    return root.resolve() if root.is_dir() else root.resolve().parent


def _labels(roots: Iterable[Path]) -> dict[Path, str]:
    """A name for the folder of each root: its own, numbered where another has the same."""
    labels: dict[Path, str] = {}
    for folder in map(_folder, roots):
        if folder not in labels:
            number = sum(label.partition("~")[0] == folder.name for label in labels.values())
            labels[folder] = f"{folder.name}~{number + 1}" if number else folder.name
    return labels
