"""The last stages: the kept records as a dataset with its card, in tokens for the trainer, and why others went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from synthgen.card import CardFacts, CoverageFacts, SourceFacts, card
from synthgen.corpus.pack import pack as pack_rows
from synthgen.errors import SynthgenError
from synthgen.export import Provenance, export_row, write_card, write_dataset
from synthgen.job import Job
from synthgen.packing import answers, training_tokens
from synthgen.progress import OnProgress, Watch
from synthgen.report import rejections
from synthgen.report.account import Account
from synthgen.report.summary import meanings
from synthgen.stages import Stages
from synthgen.storage import tables
from synthgen.storage.files import atomic_folder, write_atomic
from synthgen.training.base import TrainingRun
from synthgen.training.prepare import prepare


def export(job: Job, stages: Stages, select_key: str, on_progress: OnProgress) -> str:
    """Kept records to `dataset/`. Raises SynthgenError where none was kept."""
    paths = job.paths
    account = Account.from_json(stages.state.stages["select"].counts["account"])
    if not account.total.kept:
        raise _nothing_kept(job, account)

    def work() -> dict[str, Any]:
        extracts = {extract.extract_id: replace(extract, text="") for extract in tables.read_extracts(paths.extracts)}
        documents = {document.doc_id: Provenance.of(document) for document in tables.read_documents(paths.documents)}
        made: Counter[str] = Counter()
        tokens: Counter[str] = Counter()

        def rows() -> Iterator[dict[str, Any]]:
            watch = Watch("export", account.total.kept, on_progress)
            for judged in tables.read_records(paths.records, outcome="kept"):
                record = judged.record
                made[record.doc_id] += 1
                tokens[record.doc_id] += record.tokens
                rendered = job.form.render(record)
                yield export_row(record, rendered, extracts[record.extract_id], documents[record.doc_id])
                watch.step()
            watch.finish()

        with atomic_folder(paths.dataset) as folder:
            records = write_dataset(folder, rows())
            sources = _source_facts(documents, made, tokens)
            write_card(folder, card(_card_facts(job, stages, account, sources)))
        return {"records": records}

    return stages.run("export", [select_key], [paths.dataset], work)


def pack(job: Job, stages: Stages, export_key: str, on_progress: OnProgress) -> str:
    """Kept records' training texts to `packed/`: rows in tokens, and all else that the trainer needs."""
    paths, recipe = job.paths, job.recipe

    def work() -> dict[str, Any]:
        watch = Watch("pack", stages.state.stages["export"].counts["records"], on_progress)
        with atomic_folder(paths.packed) as folder:
            left = training_tokens(job)
            texts = answers(job) if recipe.pack.learn == "answers" else ()
            packed = pack_rows(left.tokens, left.documents, left.ids, folder, job.tokenizer, recipe.pack, texts)
            schedule = prepare(folder, packed, job.tokenizer, recipe.training, run=TrainingRun())
        watch.finish()
        return {**asdict(packed), "schedule": schedule and asdict(schedule)}

    made_from = [export_key, recipe.pack, recipe.training, recipe.tokenizer]
    return stages.run("pack", made_from, [paths.packed], work)


def explain(job: Job, stages: Stages, select_key: str) -> None:
    """Why answers were rejected, with examples, to `report/rejected.md`."""
    paths = job.paths

    def work() -> dict[str, Any]:
        write_atomic(paths.rejected, rejections.page(paths.records, paths.extracts, meanings()).encode())
        return {}

    stages.run("explain", [select_key], [paths.rejected], work)


def _card_facts(job: Job, stages: Stages, account: Account, sources: list[SourceFacts]) -> CardFacts:
    read, cut = stages.state.stages["read"].counts, stages.state.stages["extract"].counts
    return CardFacts(
        name=f"Synthetic training set from {', '.join(Path(source).resolve().name for source in job.recipe.source)}",
        version=stages.version,
        tokenizer=job.recipe.tokenizer,
        account=account,
        transformations=list(job.transformations.values()),
        teachers=list(job.teachers.values()),
        sources=sources,
        coverage=CoverageFacts(cut["characters"], cut["used"], cut["dropped"], read["quarantined"]),
        form=job.form.name,
    )


def _source_facts(
    documents: Mapping[str, Provenance], made: Mapping[str, int], tokens: Mapping[str, int]
) -> list[SourceFacts]:
    """Documents, kept records and their tokens by publisher and licence."""
    groups: dict[tuple[str | None, str | None], list[str]] = {}
    for doc_id, document in documents.items():
        groups.setdefault((document.publisher, document.licence), []).append(doc_id)
    return [
        SourceFacts(*group, len(ids), sum(made[doc_id] for doc_id in ids), sum(tokens[doc_id] for doc_id in ids))
        for group, ids in groups.items()
    ]


def _nothing_kept(job: Job, account: Account) -> SynthgenError:
    reasons = ", ".join(f"{count} {code}" for code, count in account.reasons.items())
    return SynthgenError(
        f"no record was kept of {account.total.planned} planned ({reasons or 'none was asked'})",
        where=job.paths.root,
        fix=f"look at them with: synthgen show {job.paths.root}",
    )
