"""What arms are mixed from, in tokens: the source, the set, the control, further datasets, the set without a kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from itertools import chain, groupby
from pathlib import Path
from typing import Literal

import numpy as np

from synthgen import pipeline
from synthgen.corpus.flat import FlatTokens, Ints
from synthgen.corpus.labels import Learned, learned_tokens
from synthgen.corpus.tokenise import open_tokens, tokenise
from synthgen.data import Document, Quarantined
from synthgen.errors import SynthgenError, UsageError
from synthgen.holdout import held_out
from synthgen.job import digest, make_job
from synthgen.packing import answers, training_tokens
from synthgen.progress import OnProgress
from synthgen.recipe import HoldoutSettings, Recipe, override
from synthgen.report.result import RunResult
from synthgen.selection import processes
from synthgen.sources.reader import fingerprint, read_sources
from synthgen.storage import tables
from synthgen.storage.files import storage_errors, write_atomic
from synthgen.storage.layout import RunPaths

Trait = Literal["transformation", "teacher"]
_HELD, _OTHER = "held out", "other"


@dataclass(frozen=True, slots=True)
class Part:
    """A kind of training text: the documents numbered `documents`, ascending, of `tokens`.

    `ids[i]` names document `i` of `tokens`, `guidelines[i]` is the `doc_id` of what it was made from. `key` is a hash
    of what the part was made from, `left_out` counts documents that are not in it as they are near ones held out.
    `learned` are the tokens that have a label, None for all.
    """

    name: str
    key: str
    tokens: FlatTokens
    documents: Ints
    ids: Sequence[str]
    guidelines: Sequence[str]
    left_out: int = 0
    learned: Learned | None = None


def source_part(run: RunResult, folder: Path) -> Part:
    """The text of the run's documents that are not held out, without what its extracts leave out.

    Its tokens are kept in `folder`.
    """
    held = kept_apart(run)

    def texts() -> Iterator[tuple[str, str | None]]:
        by_document = groupby(tables.read_extracts(run.paths.extracts), key=lambda extract: extract.doc_id)
        for doc_id, extracts in by_document:
            if doc_id not in held:
                yield doc_id, "".join(extract.text for extract in extracts).strip()

    return _tokenised("source", [run.state.stages["extract"].key, sorted(held)], texts, folder, run.recipe)


def set_part(run: RunResult, name: str = "set") -> Part:
    """The training texts of a run's kept records."""
    job = make_job(run.recipe, run.path)
    left, learned = training_tokens(job), None
    if run.recipe.pack.learn == "answers":
        learned = learned_tokens(left.tokens, left.documents, answers(job), job.tokenizer)
    made_from = dict(_traits(run.paths, "doc_id"))
    guidelines = [made_from.get(record, "") for record in left.ids]
    key = digest(run.state.stages["select"].key, run.recipe.render, run.recipe.pack.learn)
    return Part(name, key, left.tokens, left.documents, left.ids, guidelines, learned=learned)


def control_part(run: RunResult, the_set: Part, folder: Path, on_progress: OnProgress) -> Part:
    """What the extractive teacher makes of the same extracts: `the_set` where it is the run's only one.

    Else it is asked in a run of its own in `folder`. Raises SourceError where the source is gone, UsageError where it
    is another than it was.
    """
    if all(teacher.backend == "extractive" for teacher in run.recipe.teachers):
        return replace(the_set, name="control")
    recipe = override(run.recipe, teachers=[{"backend": "extractive"}], budget={}, gates={})
    made = pipeline.run(recipe=recipe, out=folder, on_progress=on_progress)
    if made.state.stages["extract"].key != run.state.stages["extract"].key:
        raise UsageError(
            "the source has changed since the run was made, so that the control would be one of other extracts",
            where=", ".join(run.recipe.source),
            fix="give the source as it was, run it again, or leave the arms with `control` out",
        )
    return set_part(made, "control")


def without(part: Part, paths: RunPaths, trait: Trait, value: str, name: str) -> Part:
    """`part`, of the records of the run in `paths`, without those of one transformation or teacher."""
    values = dict(_traits(paths, trait))
    stays = [number for number in part.documents.tolist() if values[part.ids[number]] != value]
    return replace(part, name=name, key=digest(part.key, trait, value), documents=np.array(stays, np.int64))


def values_of(paths: RunPaths, trait: Trait) -> list[str]:
    """The transformations or teachers that have kept records in the run in `paths`, by alphabet."""
    return sorted({value for _, value in _traits(paths, trait)})


def dataset_part(name: str, source: str, run: RunResult, folder: Path) -> Part:
    """The documents in a file or folder, but for those near one that the run holds out. Its tokens stay in `folder`.

    Raises SourceError where nothing can be read.
    """
    held = kept_apart(run)

    def documents() -> Iterator[Document]:
        found = read_sources([source], run.recipe.sources)
        return (item for item in found if not isinstance(item, Quarantined))

    def texts() -> Iterator[tuple[str, str | None]]:
        apart = _near(documents(), held, run.paths) if held else held
        return ((document.doc_id, None if document.doc_id in apart else document.text) for document in documents())

    made_from = [fingerprint([source]), run.recipe.sources, sorted(held)]
    return _tokenised(name, made_from, texts, folder, run.recipe)


def kept_apart(run: RunResult) -> frozenset[str]:
    """The `doc_id` of each document that the run holds out."""
    return frozenset(run.stage("extract").get("held_out", ()))


def check_apart(parts: Iterable[Part], held: Set[str]) -> None:
    """Raises SynthgenError where a part holds text of a document that is held out."""
    for part in parts:
        if leaked := held & {part.guidelines[number] for number in part.documents.tolist()}:
            raise SynthgenError(
                f"{len(leaked)} documents that are held out are in it ({', '.join(sorted(leaked)[:3])})",
                where=f"part {part.name}",
                fix="run it again with the [holdout] of its recipe: it was made with another",
            )


def _near(documents: Iterable[Document], held: Set[str], paths: RunPaths) -> frozenset[str]:
    """The ids of those held out, and of all of `documents` that are near one of them."""
    ours = (replace(one, source=_HELD) for one in tables.read_documents(paths.documents) if one.doc_id in held)
    others = (replace(document, source=_OTHER) for document in documents)
    return held_out(chain(ours, others), HoldoutSettings(documents=[_HELD]))


def _traits(paths: RunPaths, trait: str) -> Iterator[tuple[str, str]]:
    """The id of each kept record of the run in `paths`, and what stands in a column."""
    for group in tables.read_columns(paths.records, ["record_id", "outcome", trait]):
        rows = zip(group["record_id"], group["outcome"], group[trait], strict=True)
        yield from ((record, value) for record, outcome, value in rows if outcome == "kept")


def _tokenised(
    name: str,
    made_from: Sequence[object],
    texts: Callable[[], Iterator[tuple[str, str | None]]],
    folder: Path,
    recipe: Recipe,
) -> Part:
    """The part with the texts given with their ids, None for one that is left out.

    In tokens once, as long as it is made from the same.
    """
    key = digest(name, recipe.tokenizer, *made_from)
    known, ids, left_out = folder.with_name(f"{folder.name}.json"), list[str](), 0

    def noted() -> Iterator[str]:
        nonlocal left_out
        for id_, text in texts():
            if text is None:
                left_out += 1
            else:
                ids.append(id_)
                yield text

    with storage_errors(known):
        facts = json.loads(known.read_bytes()) if known.exists() else {}
    if facts.get("key") == key and folder.exists():
        tokens, ids, left_out = open_tokens(folder, recipe.tokenizer), facts["ids"], facts["left_out"]
    else:
        with storage_errors(known):
            known.unlink(missing_ok=True)
        tokens = tokenise(noted(), folder, recipe.tokenizer, processes=processes(recipe.limits)).tokens
        write_atomic(known, json.dumps({"key": key, "ids": ids, "left_out": left_out}).encode())
    return Part(name, key, tokens, np.flatnonzero(tokens.lengths), ids, ids, left_out)
