"""Reads evaluation sets (JSON Lines, JSON, CSV, Parquet) whatever their layout: questions, options and answers."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthgen.errors import UsageError

QUESTIONS = ("question", "query", "stem", "prompt", "input")
OPTIONS = ("options", "choices", "answer_choices", "endings")
LETTERED = (("opa", "opb", "opc", "opd", "ope"), ("A", "B", "C", "D", "E"), ("option_a", "option_b", "option_c"))
ANSWERS = ("answer_idx", "cop", "answer", "label", "correct", "final_decision")
CONTEXTS = ("contexts", "context")
PASSAGES = ("long_answer", *CONTEXTS)
IDS = ("id", "pubid", "question_id", "uid")
MMLU = ("question", "A", "B", "C", "D", "answer")
FORMATS = (".jsonl", ".json", ".csv", ".parquet")


@dataclass(frozen=True, slots=True)
class BenchmarkItem:
    """One item of an evaluation set. `answer` is the text of the right answer, empty where it is not known;
    `passages` are texts that come with the question, such as an abstract; `contexts` those that it is asked about."""

    benchmark: str
    item: str
    question: str
    options: tuple[str, ...] = ()
    answer: str = ""
    passages: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()


def read_benchmarks(paths: Iterable[str | Path]) -> list[BenchmarkItem]:
    """The items of the files and folders `paths`, those of a folder by name. A benchmark is named as its file.

    Known by their columns: MedQA, MedMCQA, PubMedQA, MMLU (with and without a header), and sets with columns of the
    usual names. Raises UsageError for a path that is missing, unreadable or of no known layout.
    """
    return [item for path in paths for file in _files(Path(path)) for item in _items(file)]


def _files(path: Path) -> list[Path]:
    if path.is_dir() and (found := sorted(file for file in path.rglob("*") if file.suffix.lower() in FORMATS)):
        return found
    if path.is_file() and path.suffix.lower() in FORMATS:
        return [path]
    raise UsageError("no evaluation set is here", where=path, fix=f"give a file or folder with {', '.join(FORMATS)}")


def _items(path: Path) -> Iterator[BenchmarkItem]:
    try:
        rows = [{key.lower() if key not in MMLU else key: value for key, value in row.items()} for row in _rows(path)]
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise UsageError("cannot be read as an evaluation set", where=path, fix="check the file's format") from error
    # MedMCQA's `cop` counts from 1 in its own files and from 0 in the copies on model hubs.
    base = 0 if any(row.get("cop") in (0, "0") for row in rows) else 1
    for number, row in enumerate(rows, 1):
        question = _first(row, QUESTIONS)
        if not isinstance(question, str) or not question.strip():
            raise UsageError(
                "no question is found", where=f"{path}, row {number}", fix=f"name its column one of {QUESTIONS}"
            )
        letters, options = _options(row)
        yield BenchmarkItem(
            path.stem,
            str(_first(row, IDS) or number),
            question,
            options,
            _answer(row, letters, options, base),
            *(tuple(text for name in names for text in _texts(row.get(name))) for names in (PASSAGES, CONTEXTS)),
        )


def _rows(path: Path) -> list[Mapping[str, Any]]:
    """The rows as they stand; ValueError and OSError where they cannot be read."""
    if path.suffix.lower() == ".parquet":
        import pyarrow.parquet as pq

        return list(pq.read_table(path).to_pylist())
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix.lower() == ".jsonl":
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    if path.suffix.lower() == ".json":
        data = json.loads(text)
        if isinstance(data, dict):
            # PubMedQA: rows by their id. Others: one list under some name.
            lists = [value for value in data.values() if isinstance(value, list)]
            return lists[0] if len(lists) == 1 else [{"id": key, **value} for key, value in data.items()]
        return list(data)
    lines = list(csv.reader(text.splitlines(keepends=True)))
    if lines and all(len(line) == len(MMLU) and line[-1] in MMLU[1:5] for line in lines):
        return [dict(zip(MMLU, line, strict=True)) for line in lines]
    return [dict(zip(lines[0], line, strict=False)) for line in lines[1:]]


def _first(row: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((row[name] for name in names if row.get(name) is not None), None)


def _options(row: Mapping[str, Any]) -> tuple[Sequence[str], tuple[str, ...]]:
    """The options' letters and texts."""
    found = _first(row, OPTIONS)
    if isinstance(found, dict) and "text" in found:
        found = found["text"]
    if isinstance(found, dict):
        return list(found), tuple(map(str, found.values()))
    if isinstance(found, list):
        return "ABCDEFGHIJ", tuple(
            str(entry.get("value", "")) if isinstance(entry, dict) else str(entry) for entry in found
        )
    columns: Sequence[str] = next((names for names in LETTERED if names[0] in row), ())
    return "ABCDE", tuple(str(row[name]) for name in columns if row.get(name))


def _answer(row: Mapping[str, Any], letters: Sequence[str], options: Sequence[str], base: int) -> str:
    answer = _first(row, ANSWERS)
    if answer is None or not options:
        return "" if answer is None else str(answer)
    if str(answer) in letters:
        place = list(letters).index(str(answer))
    elif str(answer).isdigit():
        place = int(answer) - (base if "cop" in row else 0)
    else:
        return str(answer)
    return options[place] if place < len(options) else ""


def _texts(value: Any) -> Iterator[str]:
    """The texts in a column that holds one, a list, or PubMedQA's `{"contexts": [...]}`."""
    if isinstance(value, dict):
        value = value.get("contexts")
    yield from [value] if isinstance(value, str) else (value or ())
