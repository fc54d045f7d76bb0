"""Markdown, with or without front matter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from synthgen.data import Document, Quarantined
from synthgen.errors import DocumentError
from synthgen.normalise.text import normalise_markdown
from synthgen.recipe import SourceSettings
from synthgen.sources.base import Source, SourceFile
from synthgen.sources.encoding import decode, read_bytes
from synthgen.sources.metadata import from_keys

_FRONT = re.compile(r"\s*(?P<fence>---|\+\+\+)[ \t]*\n(?=[ \t]*(?:#[^\n]*\n\s*)*[\w\"'-][\w .\"'-]*[:=])")
_SETEXT = re.compile(r"^(?P<title>[^\s|>#*+\-].{0,150})\n(?P<line>={3,}|-{3,})[ \t]*$", re.MULTILINE)
_FIX = "mend it, or remove the block between the fences"


class MarkdownSource(Source):
    """Reads `.md`, with YAML (`---`) or TOML (`+++`) front matter."""

    name = "markdown"
    suffixes = (".md", ".markdown")

    def read(self, file: SourceFile, settings: SourceSettings) -> Iterator[Document | Quarantined]:
        text = decode(read_bytes(file, settings), file.name).replace("\r\n", "\n").replace("\r", "\n")
        front, body = split_front_matter(text, file.name)
        fields = from_keys(front)
        yield Document(
            text=normalise_markdown(_SETEXT.sub(_hash_heading, body)),
            title=fields.get("title", ""),
            source=file.name,
            format=self.name,
            publisher=fields.get("publisher"),
            licence=fields.get("licence"),
            date=fields.get("date"),
            url=fields.get("url"),
        )


def split_front_matter(text: str, name: str) -> tuple[Mapping[str, Any], str]:
    """Front matter and body. A rule at the top of a text is no front matter: a key must follow it.

    Raises DocumentError if the front matter never ends or is not valid.
    """
    opening = _FRONT.match(text)
    if not opening:
        return {}, text
    closing = re.compile(rf"^{re.escape(opening['fence'])}[ \t]*$\n?", re.MULTILINE).search(text, opening.end())
    if not closing:
        raise DocumentError("its front matter is never closed", where=name, fix=f"end it with {opening['fence']}")
    parse = _yaml if opening["fence"] == "---" else _toml
    front = parse(text[opening.end() : closing.start()], name)
    if not isinstance(front, Mapping):
        raise DocumentError("its front matter is not a list of keys and values", where=name, fix=_FIX)
    return front, text[closing.end() :]


def _yaml(block: str, name: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(block)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "a value is out of range"
        line = f" (line {mark.line + 2}: {problem})" if mark else f" ({problem})"
        raise DocumentError(f"its front matter is not valid YAML{line}", where=name, fix=_FIX) from error


def _toml(block: str, name: str) -> Any:
    import tomllib

    try:
        return tomllib.loads(block)
    except tomllib.TOMLDecodeError as error:
        raise DocumentError(f"its front matter is not valid TOML ({error})", where=name, fix=_FIX) from error


def _hash_heading(match: re.Match[str]) -> str:
    return f"{'#' if match['line'][0] == '=' else '##'} {match['title'].strip()}\n"
