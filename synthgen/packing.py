"""The training texts of a run's kept records, in tokens, and which of their characters a model is to learn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from synthgen.corpus.labels import Ranges
from synthgen.corpus.tokenise import tokenise
from synthgen.job import Job
from synthgen.records.forms import Rendered
from synthgen.selection import Survivors, processes, survivors
from synthgen.storage import tables


def training_tokens(job: Job) -> Survivors:
    """The kept records' training texts, in the order of `records.parquet`. Raises StorageError.

    Plain texts were encoded for the passes over the whole set, and are not encoded again; in another form than that,
    texts are.
    """
    left = survivors(job.paths, job.recipe)
    if job.form.name == "plain":
        return left
    made = tokenise(
        (text.text for text in _rendered(job)),
        job.paths.training_tokens,
        job.recipe.tokenizer,
        processes=processes(job.recipe.limits),
    )
    ids = [left.ids[document] for document in left.documents.tolist()]
    return Survivors(made.tokens, np.arange(len(made.tokens)), ids)


def answers(job: Job) -> Iterator[tuple[str, Ranges]]:
    """The same texts, each with the ranges of characters that a teacher answered; none means all of it."""
    return ((text.text, text.learned) for text in _rendered(job))


def _rendered(job: Job) -> Iterator[Rendered]:
    return (job.form.render(judged.record) for judged in tables.read_records(job.paths.records, outcome="kept"))
