"""Judging pairs of source and text that exist already: no run, no teacher."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synthgen.data import Completion, Extract, Kind, Request, Transformation, Verdict
from synthgen.errors import SourceError, UsageError
from synthgen.filters import build_filters, judge
from synthgen.filters.base import Filter
from synthgen.pipeline import RecipeLike, resolve
from synthgen.records.judge import make_record
from synthgen.records.loose_json import find_json
from synthgen.storage.files import atomic_text
from synthgen.transformations import load_transformations

EXAMPLES = 3
"""Rejected pairs that a tally keeps as examples of one reason."""

KINDS: Mapping[str, Kind] = {"text": "text", "qa": "qa", "mcq": "mcq", "dialogue": "dialogue"}


@dataclass(frozen=True, slots=True)
class Pair:
    """A text and the source it was made from.

    `transformation` is the name of one, a kind (`text`, `qa`, `mcq`, `dialogue`), or any other word for plain text. Of
    one whose answers are JSON, `text` is the JSON as the teacher sent it; for `qa` and `dialogue` it may be plain
    text as well. A multiple-choice question has to be JSON: in plain text its wrong options would count as claims.
    """

    source: str
    text: str
    transformation: str = "text"


@dataclass(frozen=True, slots=True)
class Checked:
    """What the filters say of one pair. `text` is what was judged, to which offsets refer: of JSON, its training text.

    Evidence of something that the text leaves out has offsets into the source only.
    """

    pair: Pair
    text: str
    verdicts: tuple[Verdict, ...]

    @property
    def keep(self) -> bool:
        return all(verdict.keep for verdict in self.verdicts)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The codes of all rejections, in the order of the filters; a run gives the first as the record's reason."""
        return tuple(dict.fromkeys(verdict.code for verdict in self.verdicts if not verdict.keep))

    def to_json(self) -> dict[str, Any]:
        """`keep`, `reasons`, `scores` by filter, `evidence` of the rejections, and `judged`, the text it refers to."""
        return {
            "keep": self.keep,
            "reasons": list(self.reasons),
            "scores": {verdict.filter: verdict.score for verdict in self.verdicts if verdict.score is not None},
            "evidence": [
                {"filter": verdict.filter, "code": verdict.code, **item}
                for verdict in self.verdicts
                if not verdict.keep
                for item in verdict.evidence or ({},)
            ],
            "judged": self.text,
        }


@dataclass
class Tally:
    """Adds up what was checked: counts, reasons, and a few examples of each reason."""

    kept: int = 0
    rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[tuple[int, Checked]]] = field(default_factory=dict)

    def add(self, checked: Checked) -> None:
        number = self.kept + self.rejected + 1
        self.kept += checked.keep
        self.rejected += not checked.keep
        self.reasons.update(checked.reasons)
        for code in checked.reasons:
            if len(known := self.examples.setdefault(code, [])) < EXAMPLES:
                known.append((number, checked))

    @property
    def exit_code(self) -> int:
        """0 if all pairs are kept, 3 if not."""
        return 3 if self.rejected else 0


def check(text: str, source: str, transformation: str = "text", recipe: RecipeLike = None) -> Checked:
    """Judges `text`, made from `source`, as a run with `recipe` would; lengths are in words.

    `transformation` as in `Pair`. Nothing is known of how the text ended: it counts as whole. Raises UsageError for a
    recipe that cannot be used, and never for any text.
    """
    [checked] = check_all([Pair(source, text, transformation)], recipe)
    return checked


def check_all(pairs: Iterable[Pair], recipe: RecipeLike = None) -> Iterator[Checked]:
    """`check` for many pairs, one after the other, in their order. Pairs of one source are fastest together."""
    wanted = resolve(None, recipe)
    available = load_transformations(Path(wanted.prompts) if wanted.prompts else None)
    filters = build_filters(wanted.filters, [one.instruction for one in available.values()])
    # At once, as a generator would raise for a bad recipe only when it is first asked.
    return (_checked(pair, filters, available) for pair in pairs)


def read_pairs(path: Path, source: Path | None = None, transformation: str = "text") -> Iterator[Pair]:
    """The pairs in a file of JSON lines: `source`, `text` (or `record`, a JSON object), `transformation` (or `kind`).

    Lines without a source are held to the file `source`; where that is a folder, `source` in a line is the path of a
    file in it. `transformation` is for lines that name none. Raises UsageError naming file and line.
    """
    given = _read(source) if source is not None and not source.is_dir() else None
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _pair(line, f"{path} line {number}", source, given, transformation)
    except OSError as error:
        raise UsageError(f"cannot be read ({error.strerror})", where=path, fix="check the path") from error
    except UnicodeDecodeError as error:
        raise UsageError("is not UTF-8 text", where=path, fix="convert it to UTF-8") from error


def write_verdicts(checked: Iterable[Checked], path: Path | None) -> Tally:
    """Writes each as a line of JSON, to `path` (whole or not at all) or to standard output, and adds them up.

    Raises StorageError where the file cannot be written.
    """
    tally = Tally()
    with atomic_text(path) if path is not None else nullcontext(sys.stdout) as lines:
        for one in checked:
            tally.add(one)
            lines.write(json.dumps(one.to_json(), default=dict) + "\n")
    return tally


def _checked(pair: Pair, filters: Sequence[Filter], available: Mapping[str, Transformation]) -> Checked:
    transformation = _transformation(pair, available)
    extract = Extract("pair", 0, len(pair.source), pair.source, tokens=0)
    request = Request("", extract, transformation, "unknown", 0, {})
    record = make_record(request, Completion("", pair.text, "stop"))
    return Checked(pair, record.text or record.raw, judge(record, extract, filters))


def _transformation(pair: Pair, available: Mapping[str, Transformation]) -> Transformation:
    """What the pair's text answers: its transformation, or one that takes any text of its kind."""
    name = pair.transformation
    kind: Kind = available[name].kind if name in available else KINDS.get(name, "text")
    if kind == "text" or (kind != "mcq" and find_json(pair.text).error == "no_json"):
        plain = Transformation(name, 1, "text", "", "")
        return available[name] if name in available and kind == "text" else plain
    any_of_kind = Transformation(name, 1, kind, "", "", schema={"type": "object"})
    return available.get(name, any_of_kind)


def _pair(line: str, where: str, folder: Path | None, given: str | None, transformation: str) -> Pair:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise UsageError("is not JSON", where=where, fix="write one JSON object a line") from error
    if not isinstance(row, dict):
        raise UsageError("is not a JSON object", where=where, fix="write one JSON object a line")
    text, source = row.get("text", row.get("record")), row.get("source", given)
    if isinstance(text, Mapping):
        text = json.dumps(text, ensure_ascii=False)
    if not isinstance(text, str) or not isinstance(source, str):
        raise UsageError("has no `text` or no `source` that is text", where=where, fix="give both, or use --source")
    if given is None and folder is not None:
        source = _read_in(folder, source, where)
    name = row.get("transformation") or row.get("kind") or transformation
    return Pair(source, text, str(name))


def _read_in(folder: Path, name: str, where: str) -> str:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise UsageError("its source is outside the folder of --source", where=where, fix="give a path inside it")
    return _read(path)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"cannot be read ({error})", where=path, fix="check the path; it must be UTF-8") from error
