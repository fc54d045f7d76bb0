"""The transformations: instruction files, and the messages made from them.

A transformation is one Markdown file: TOML front matter between `+++` lines, then the instruction. Its placeholders
(`{{audience}}`) name axes of its `[vary]` table and are filled in one pass. Nothing of a document ever enters the
instruction: title, headings and text stand together in one delimited block, which the system prompt calls data.

The layout of the messages is fixed here: the shared system prompt, then the extract, then the instruction last, so
that all requests of one extract share one prefix, which servers keep in their key-value cache.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from synthgen.data import Extract, Kind, Message, Transformation
from synthgen.errors import RecipeError, TransformationError, UsageError, nearest
from synthgen.needs import NEEDS
from synthgen.records.shapes import SHAPES
from synthgen.settings import Sampling, Settings, validated
from synthgen.variation import drawn

BUILT_IN = Path(__file__).parent / "prompts"
SYSTEM_PROMPT = "system.md"
TOPIC = "topic"
"""The placeholder that stands for what an extract is about, in `ask` only."""

ASK: Mapping[Kind, tuple[str, ...]] = {
    "text": ("Write about {{topic}}.",),
    "dialogue": ("Write a conversation about {{topic}}.",),
}
"""The `ask` of a transformation that has none; the other kinds bring questions of their own."""

LONGEST_NAME = 200
"""Characters of a title or a heading in a topic."""

_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")


class FrontMatter(Settings):
    """The keys of a transformation file; `synthgen.data.Transformation` says what they mean."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    version: Annotated[int, Field(ge=1)]
    kind: Literal["text", "qa", "mcq", "dialogue"]
    summary: str
    evidence: str = ""
    output: Literal["text", "json"]
    layout: Literal["prose", "list"] = "prose"
    answer_schema: Annotated[dict[str, Any] | None, Field(alias="schema")] = None
    sampling: Sampling = {}
    needs: Literal["quantities"] | None = None
    expected_ratio: Annotated[float, Field(gt=0)] = 0.6
    vary: dict[str, Annotated[list[str], Field(min_length=1)]] = {}
    ask: list[str] = []


def load_transformations(folder: Path | None = None) -> dict[str, Transformation]:
    """The built-in transformations by name, and those of `folder`, which replace built-in ones of the same name.

    Raises TransformationError naming the file and what is wrong in it.
    """
    paths = [path for path in sorted(BUILT_IN.glob("*.md")) if path.name != SYSTEM_PROMPT]
    loaded = {transformation.name: transformation for transformation in map(read_transformation, paths)}
    if folder is not None:
        loaded |= own_transformations(folder)
    return {name: loaded[name] for name in sorted(loaded)}


def own_transformations(folder: Path) -> dict[str, Transformation]:
    """The transformations of a user's folder by name. Raises TransformationError, for two of one name as well."""
    found: dict[str, Transformation] = {}
    for path in sorted(folder.glob("*.md")):
        transformation = read_transformation(path)
        if found.setdefault(transformation.name, transformation) is not transformation:
            raise TransformationError(
                f"a second transformation called {transformation.name!r}", where=path, fix="rename it"
            )
    if not found:
        raise TransformationError("no transformation file (*.md) there", where=folder, fix="check the folder")
    return found


def read_transformation(path: Path) -> Transformation:
    """The transformation in one file. Raises TransformationError."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TransformationError(f"cannot be read ({error})", where=path, fix="check the file") from error
    head, instruction = _split(text, path)
    try:
        data = tomllib.loads(head)
        matter = validated(FrontMatter, data, where=str(path))
    except tomllib.TOMLDecodeError as error:
        raise TransformationError(f"front matter is not TOML: {error}", where=path, fix="mend that line") from error
    except RecipeError as error:
        raise TransformationError(error.what, where=path, fix=error.fix) from error
    _check_schema(matter, path)
    _check_placeholders([instruction], matter.vary, path)
    _check_placeholders(matter.ask, [*matter.vary, TOPIC], path)
    return Transformation(
        name=matter.name,
        version=matter.version,
        kind=matter.kind,
        summary=matter.summary,
        instruction=instruction,
        schema=matter.answer_schema,
        layout=matter.layout,
        sampling=matter.sampling,
        needs=matter.needs,
        expected_ratio=matter.expected_ratio,
        vary={axis: tuple(values) for axis, values in matter.vary.items()},
        evidence=matter.evidence,
        ask=tuple(matter.ask) or ASK.get(matter.kind, ()),
    )


def select(available: Mapping[str, Transformation], weights: Mapping[str, float]) -> dict[str, Transformation]:
    """The transformations with a weight above 0, in the order of their names. Raises RecipeError for an unknown one."""
    for name in weights:
        if name not in available:
            raise RecipeError(
                f"unknown transformation {name!r}", where="[transformations]", fix=nearest(name, available)
            )
    return {name: available[name] for name in sorted(weights) if weights[name] > 0}


def named(available: Mapping[str, Transformation], name: str) -> Transformation:
    """The transformation called `name`. Raises UsageError naming the nearest one where there is none."""
    if name not in available:
        raise UsageError(f"unknown transformation {name!r}", fix=nearest(name, available))
    return available[name]


def suits(transformation: Transformation, extract: Extract) -> bool:
    """Whether the extract holds what the transformation needs."""
    return transformation.needs is None or NEEDS[transformation.needs](extract)


def messages(transformation: Transformation, extract: Extract, sample: int) -> list[Message]:
    """The chat messages of one request. `sample` counts from 0 and decides where on each axis of `vary` it stands."""
    values = drawn(transformation.vary, _seed(transformation, extract), sample)
    instruction = _PLACEHOLDER.sub(lambda match: values[match[1]], transformation.instruction)
    return [
        {"role": "system", "content": _SYSTEM},
        {"role": "user", "content": f"{_delimited(extract)}\n\n{instruction}"},
    ]


def ask(transformation: Transformation, extract: Extract, sample: int) -> str:
    """An instruction that the answer to `messages` stands under without its extract; empty for kinds with questions.

    The axes have the values that they have in the messages.
    """
    if not transformation.ask:
        return ""
    axes = {**transformation.vary, _ASKED: transformation.ask}
    values = {**drawn(axes, _seed(transformation, extract), sample), TOPIC: _topic(extract)}
    return _PLACEHOLDER.sub(lambda match: values[match[1]], values[_ASKED])


def preview(transformation: Transformation, path: Path, sample: int) -> list[Message]:
    """The messages that would be sent for the text in the file `path`, taken as one extract."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        what = error.strerror.lower() if isinstance(error, OSError) and error.strerror else "is not UTF-8 text"
        raise UsageError(what, where=path, fix="name a text file in UTF-8") from error
    extract = Extract(doc_id="", start=0, end=len(text), text=text, tokens=0, title=path.stem)
    return messages(transformation, extract, sample)


def written_out(transformations: Iterable[Transformation]) -> bytes:
    """The transformations and the system prompt as JSON, for a run to keep what it asked."""
    whole = {"system": _SYSTEM, "transformations": [asdict(transformation) for transformation in transformations]}
    return json.dumps(whole, indent=2, ensure_ascii=False).encode() + b"\n"


_SYSTEM = (BUILT_IN / SYSTEM_PROMPT).read_text("utf-8").strip()
_ASKED = "\0ask"
"""The axis of the instructions in `ask`; no axis of a file is called so."""


def _split(text: str, path: Path) -> tuple[str, str]:
    match = re.fullmatch(r"\+\+\+\n(.*?)\n\+\+\+\n(.*)", text.replace("\r\n", "\n"), re.DOTALL)
    if match is None or not match.group(2).strip():
        raise TransformationError(
            "not a transformation",
            where=path,
            fix="write TOML front matter between two +++ lines, then the instruction",
        )
    return match.group(1), match.group(2).strip()


def _check_schema(matter: FrontMatter, path: Path) -> None:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError
    from referencing import Registry
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012

    if (matter.output == "json") != (matter.answer_schema is not None):
        raise TransformationError(
            "output and [schema] disagree", where=path, fix='give a [schema] with output = "json" only'
        )
    if (matter.output == "json") == (matter.kind == "text"):
        raise TransformationError(
            f"kind {matter.kind!r} cannot have output {matter.output!r}",
            where=path,
            fix="text kinds answer in text, others in json",
        )
    if matter.answer_schema is None:
        return
    try:
        Draft202012Validator.check_schema(matter.answer_schema)
        for reference in _references(matter.answer_schema):
            Registry().with_resource("", DRAFT202012.create_resource(matter.answer_schema)).resolver().lookup(reference)
    except (SchemaError, Unresolvable) as error:
        what = f"[schema] is not a JSON Schema that stands alone ({getattr(error, 'message', error)})"
        raise TransformationError(what, where=path, fix="mend it") from error
    if missing := SHAPES[matter.kind].keys() - set(matter.answer_schema.get("required", ())):
        what = f"[schema] does not require {', '.join(sorted(missing))}"
        raise TransformationError(what, where=path, fix=f"every answer of kind {matter.kind!r} has them")


def _references(schema: Any) -> Iterator[str]:
    """All `$ref` of a JSON Schema."""
    if isinstance(schema, Mapping):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        schema = list(schema.values())
    if isinstance(schema, list):
        for part in schema:
            yield from _references(part)


def _check_placeholders(texts: Iterable[str], known: Collection[str], path: Path) -> None:
    for name in (name for text in texts for name in _PLACEHOLDER.findall(text)):
        if name not in known:
            raise TransformationError(
                f"unknown placeholder {{{{{name}}}}}",
                where=path,
                fix=f"placeholders are the axes of [vary]; {nearest(name, known)}",
            )


def _seed(transformation: Transformation, extract: Extract) -> str:
    return f"{transformation.name}\0{extract.text}"


def _topic(extract: Extract) -> str:
    """What an extract is about, as its document's title and its innermost heading say it."""
    title, heading = map(_name, (extract.title, extract.headings[-1] if extract.headings else ""))
    if heading.casefold() in title.casefold() or title.casefold() in heading.casefold():
        return max(title, heading, key=len) or "a clinical topic"
    return f"{title} – {heading}"


def _name(text: str) -> str:
    return "".join(filter(str.isprintable, _one_line(text)))[:LONGEST_NAME]


@lru_cache(maxsize=16)
def _delimited(extract: Extract) -> str:
    """The extract as a block of data, in a tag that the extract itself cannot close."""
    lines = [f"Guideline: {_one_line(extract.title)}"] if extract.title else []
    if extract.headings:
        lines.append(f"Section: {' > '.join(map(_one_line, extract.headings))}")
    body = "\n".join([*lines, "", extract.text.strip()]).strip()
    tag, number = "extract", 1
    while f"</{tag}" in body.lower():
        number += 1
        tag = f"extract-{number}"
    return f"<{tag}>\n{body}\n</{tag}>"


def _one_line(text: str) -> str:
    return " ".join(text.split())
