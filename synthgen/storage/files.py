"""Files and folders that are either whole or not there, after a kill or power cut at any point.

A thing is written under a temporary name in the same folder, synced, and renamed into place; then the folder is
synced. Temporary names start with `.synthgen-` and end in `.tmp`; `clean_leftovers` removes those of killed writers.
"""

from __future__ import annotations

import errno
import io
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO

from synthgen.errors import StorageError

_PREFIX, _SUFFIX, _NEW, _OLD = ".synthgen-", ".tmp", "-new.tmp", "-old.tmp"

_SAFE = "run the same command again; nothing that was answered is lost"
_PERMISSION = ("no permission", "change the owner or mode, or choose another folder")
_NO_LOCKS = ("the file system has no file locks", "choose an output folder on another one")
_ADVICE = {
    errno.ENOSPC: ("no space left on the disk", f"free space and {_SAFE}"),
    errno.EDQUOT: ("the disk quota is used up", f"free space and {_SAFE}"),
    errno.EFBIG: ("the file size limit is reached", f"raise it (ulimit -f) and {_SAFE}"),
    errno.EACCES: _PERMISSION,
    errno.EPERM: _PERMISSION,
    errno.EROFS: ("the file system is read-only", "choose another folder"),
    errno.EIO: ("the disk reports an input/output error", f"check the disk and {_SAFE}"),
    errno.ENOENT: ("does not exist", "check the path"),
    errno.ENOTDIR: ("a file stands where a folder is needed", "remove it or choose another folder"),
    errno.EEXIST: ("something stands here already", "remove it or choose another folder"),
    errno.EISDIR: ("a folder stands where a file is needed", "remove it or choose another folder"),
    errno.ENAMETOOLONG: ("the path is too long", "choose a shorter one"),
    errno.ENOLCK: _NO_LOCKS,
    errno.EOPNOTSUPP: _NO_LOCKS,
    errno.EMFILE: ("too many open files", f"raise the limit (ulimit -n) and {_SAFE}"),
}


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Every OSError inside becomes a StorageError about the file that the error names, else about `path`."""
    try:
        yield
    except OSError as error:
        otherwise = (error.strerror or str(error) or type(error).__name__, f"check the disk and {_SAFE}")
        what, fix = _ADVICE.get(error.errno or 0, otherwise)
        raise StorageError(what, where=_shown(error.filename, path), fix=fix) from error


def write_atomic(path: Path, data: bytes) -> None:
    """Puts a file with `data` at `path`, replacing what is there. Raises StorageError."""
    with atomic_file(path) as file:
        file.write(data)


@contextmanager
def atomic_file(path: Path) -> Iterator[BinaryIO]:
    """An open binary file that stands at `path`, whole and synced, once the block ends without an exception.

    The folder is made where it is missing. Raises StorageError for every OSError, the block's own included; then,
    as after any other exception, what stood at `path` before still does.
    """
    temporary = path.parent / f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}"
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


@contextmanager
def atomic_text(path: Path) -> Iterator[TextIO]:
    """`atomic_file` for text: UTF-8, line ends as written, a lone surrogate as a question mark."""
    with atomic_file(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", errors="replace", newline="")
        yield text
        text.flush()
        text.detach()


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """An empty folder to fill, which stands at `path`, whole and synced, once the block ends without an exception.

    One that stands there is renamed aside, then removed. A kill between the two renames leaves nothing at `path` for
    now, but both folders whole beside it; the next `atomic_folder(path)` or `clean_leftovers` puts the new one there.
    One process at a time may use it for a path. Raises StorageError for every OSError, the block's own included.
    """
    new, old = (path.parent / f"{_PREFIX}{path.name}{end}" for end in (_NEW, _OLD))
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _settle(path, new, old)
        new.mkdir()
        try:
            yield new
            _sync_tree(new)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
        if path.exists():
            path.replace(old)
        new.replace(path)
        sync_folder(path.parent)
        _remove(old)


def clean_leftovers(folder: Path) -> None:
    """Finishes or removes, in `folder` and below, what killed writers left. No writer may be at work there."""
    with storage_errors(folder):
        for old in sorted(folder.rglob(f"{_PREFIX}*{_OLD}")):
            name = old.name.removeprefix(_PREFIX).removesuffix(_OLD)
            _settle(old.parent / name, old.with_name(f"{_PREFIX}{name}{_NEW}"), old)
        for leftover in sorted(folder.rglob(f"{_PREFIX}*{_SUFFIX}")):
            _remove(leftover)


def sync_folder(folder: Path) -> None:
    """Makes the names in `folder` durable. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        # Some network file systems cannot sync a folder and make names durable by themselves.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def _settle(path: Path, new: Path, old: Path) -> None:
    """Ends a swap that was killed. Only between its two renames do `new` and `old` stand there without `path`."""
    if new.exists() and old.exists() and not path.exists():
        new.replace(path)
        sync_folder(path.parent)
    _remove(old)
    _remove(new)


def _sync_tree(folder: Path) -> None:
    for inner in sorted(folder.rglob("*")):
        if inner.is_dir():
            sync_folder(inner)
        else:
            with inner.open("rb") as file:
                os.fsync(file.fileno())
    sync_folder(folder)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _shown(name: object, path: Path) -> Path:
    """The path to name in a message: never a temporary one."""
    named = Path(name) if isinstance(name, str) else path
    found = path if _PREFIX in str(named) else named
    parts = (part.removeprefix(_PREFIX).removesuffix(_NEW) if part.endswith(_NEW) else part for part in found.parts)
    return Path(*parts)
