"""Paths in, documents out: every file is read, every document checked, everything unusable listed with its reason."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from synthgen.data import Document, Quarantined
from synthgen.errors import DocumentError, LicenceError, SourceError, UsageError
from synthgen.personal import PATIENT, find_personal
from synthgen.recipe import SourceSettings
from synthgen.registry import parts
from synthgen.sources.base import Source, SourceFile
from synthgen.sources.discover import discover
from synthgen.sources.licence import check_licence
from synthgen.sources.metadata import complete

_PACKAGE = "synthgen.sources"


def read_sources(paths: Sequence[str | Path], settings: SourceSettings) -> Iterator[Document | Quarantined]:
    """The documents of all files under `paths`, normalised, in the order of their names.

    A file, row or document that is not used is a Quarantined in its place, with one of the codes `unknown_format`,
    `unreadable`, `bad_row`, `empty`, `licence`, `patient_data` (what leads to a patient, by `synthgen.personal`),
    `duplicate` (its text is that of an earlier document). Raises SourceError at once if the paths name nothing to read,
    and at the end if not one document could be used.
    """
    readers = _by_suffix()
    return _read_all(discover(paths, readers), readers, settings)


def fingerprint(paths: Sequence[str | Path]) -> str:
    """SHA-256, in hex, over the names and contents of all files that would be read; the same on every machine."""
    digest = hashlib.sha256()
    for entry in discover(paths, _by_suffix()):
        if isinstance(entry, SourceFile):
            digest.update(f"{len(entry.name.encode())}:{entry.name}:{_content_hash(entry)}\n".encode())
    return digest.hexdigest()


def _content_hash(file: SourceFile) -> str:
    try:
        with file.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return "unreadable"


def _by_suffix() -> dict[str, type[Source]]:
    readers: dict[str, type[Source]] = {}
    for source in parts(_PACKAGE, Source).values():
        for suffix in source.suffixes:
            if readers.setdefault(suffix, source) is not source:
                raise UsageError(
                    f"two sources read files that end in {suffix}",
                    where=f"{readers[suffix].name}, {source.name}",
                    fix="remove the package with one of them",
                )
    return readers


def _read_all(
    entries: list[SourceFile | Quarantined], readers: Mapping[str, type[Source]], settings: SourceSettings
) -> Iterator[Document | Quarantined]:
    first: dict[str, str] = {}
    refused: list[Quarantined] = []
    for entry in entries:
        for item in [entry] if isinstance(entry, Quarantined) else _read_file(entry, readers, settings):
            checked = _checked(item, first, settings) if isinstance(item, Document) else item
            if isinstance(checked, Quarantined) and not first:
                refused.append(checked)
            yield checked
    if not first:
        raise _nothing_usable(entries, refused)


def _read_file(
    file: SourceFile, readers: Mapping[str, type[Source]], settings: SourceSettings
) -> Iterator[Document | Quarantined]:
    """What is in one file; a failure of any kind ends this file and not the run."""
    suffix = max((suffix for suffix in readers if file.name.lower().endswith(suffix)), key=len)
    count = 0
    try:
        for item in readers[suffix]().read(file, settings):
            count += 1
            yield item
    except DocumentError as error:
        located = DocumentError(error.what, where=error.where or file.name, fix=error.fix)
        yield Quarantined(file.name, "unreadable", str(located))
    except Exception as error:
        # The parsers of other people's formats fail in ways that no list of exceptions covers.
        fault = DocumentError(
            f"cannot be read as {readers[suffix].name} ({type(error).__name__})",
            where=file.name,
            fix="check the file, or convert it to Markdown",
        )
        fault.__cause__ = error
        yield Quarantined(file.name, "unreadable", str(fault))
    else:
        if not count:
            yield Quarantined(file.name, "empty", f"{file.name}: there is no document in it.")


def _checked(document: Document, first: dict[str, str], settings: SourceSettings) -> Document | Quarantined:
    """The document with its metadata complete, or why it is not used; `first` maps ids to sources."""
    if not document.text.strip():
        return Quarantined(document.source, "empty", f"{document.source}: there is no text in it.")
    document = complete(document, settings.metadata)
    try:
        check_licence(document, settings.licences)
    except LicenceError as error:
        return Quarantined(document.source, "licence", str(error))
    if settings.patient_data == "set_aside" and (reason := _of_patients(document)):
        return Quarantined(document.source, "patient_data", reason)
    earlier = first.get(document.doc_id)
    if earlier is not None:
        reason = f"{document.source}: its text is the same as that of {earlier}, which is used."
        return Quarantined(document.source, "duplicate", reason)
    first[document.doc_id] = document.source
    return document


def _of_patients(document: Document) -> str:
    """Where the document holds what would lead to a patient, in words that do not repeat it; empty if nowhere."""
    found = [finding for finding in find_personal(document.text) if finding.kind in PATIENT]
    if not found:
        return ""
    kind, line = found[0].kind, document.text.count("\n", 0, found[0].start) + 1
    rest = f", and {len(found) - 1} more of the kind" if len(found) > 1 else ""
    fix = 'take it out, or set patient_data = "use" in [sources] if it is nobody\'s.'
    return (
        f"{document.source}: line {line} of its normalised text holds what looks like a patient's {kind}{rest}; {fix}"
    )


def _nothing_usable(entries: list[SourceFile | Quarantined], refused: list[Quarantined]) -> SourceError:
    reason = refused[0].reason
    if len(entries) == 1 and len(refused) == 1:
        return SourceError(reason)
    known = [item for item in refused if item.code != "unknown_format"]
    return SourceError(f"not one document can be used; {len(entries)} files were seen. {(known or refused)[0].reason}")
