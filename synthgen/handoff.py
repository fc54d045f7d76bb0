"""The last stages: the kept records as a dataset with its card, and in tokens for the trainer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from synthgen.card import CardFacts, CoverageFacts, SourceFacts, TeacherFacts, TransformationFacts, card
from synthgen.corpus.pack import pack as pack_texts
from synthgen.data import Judged
from synthgen.errors import SynthgenError
from synthgen.export import Provenance, export_rows, write_dataset
from synthgen.job import Job
from synthgen.progress import OnProgress, Watch
from synthgen.report.account import Account
from synthgen.stages import Stages
from synthgen.storage import tables
from synthgen.storage.files import atomic_folder
from synthgen.training.axolotl import write_config


def export(job: Job, stages: Stages, judge_key: str, on_progress: OnProgress) -> str:
    """Kept records to `dataset/`. Raises SynthgenError where none was kept."""
    paths = job.paths
    account = Account.from_json(stages.state.stages["judge"].counts["account"])
    if not account.total.kept:
        raise _nothing_kept(job, account)

    def work() -> dict[str, Any]:
        extracts = {extract.extract_id: replace(extract, text="") for extract in tables.read_extracts(paths.extracts)}
        provenances = {document.doc_id: Provenance.of(document) for document in tables.read_documents(paths.documents)}
        facts = _card_facts(job, stages, account, provenances)
        with atomic_folder(paths.dataset) as folder:
            records = write_dataset(
                folder, export_rows(_kept(job, "export", on_progress), extracts, provenances), card(facts)
            )
        return {"records": records}

    return stages.run("export", [judge_key], [paths.dataset], work)


def pack(job: Job, stages: Stages, export_key: str, on_progress: OnProgress) -> str:
    """Kept records' texts to `packed/`: rows in tokens, with the trainer's configuration beside them."""
    paths, window = job.paths, job.recipe.pack.window

    def work() -> dict[str, Any]:
        with atomic_folder(paths.packed) as folder:
            texts = (judged.record.text for judged in _kept(job, "pack", on_progress))
            packed = pack_texts(texts, folder, job.tokenizer, window)
            write_config(folder, packed)
        return {**asdict(packed), "windows": packed.windows}

    return stages.run("pack", [export_key, window, job.recipe.tokenizer], [paths.packed], work)


def _kept(job: Job, stage: Any, on_progress: OnProgress) -> Iterator[Judged]:
    watch = Watch(stage, None, on_progress)
    for judged in tables.read_records(job.paths.records, outcome="kept"):
        watch.step(accepted=1, tokens=judged.record.tokens)
        yield judged
    watch.finish()


def _card_facts(job: Job, stages: Stages, account: Account, provenances: dict[str, Provenance]) -> CardFacts:
    read, cut = stages.state.stages["read"].counts, stages.state.stages["extract"].counts
    return CardFacts(
        name=f"Synthetic training set from {', '.join(Path(source).name for source in job.recipe.source)}",
        version=stages.version,
        tokenizer=job.recipe.tokenizer,
        account=account,
        transformations=[
            TransformationFacts(t.name, t.version, t.kind, t.summary) for t in job.transformations.values()
        ],
        teachers=[TeacherFacts(name, teacher.identity, teacher.local) for name, teacher in job.teachers.items()],
        sources=_source_facts(job, provenances),
        coverage=CoverageFacts(cut["characters"], cut["used"], cut["dropped"], read["quarantined"]),
    )


def _source_facts(job: Job, provenances: dict[str, Provenance]) -> list[SourceFacts]:
    """Documents, kept records and their tokens by publisher and licence."""
    documents: Counter[tuple[str | None, str | None]] = Counter()
    records: Counter[tuple[str | None, str | None]] = Counter()
    tokens: Counter[tuple[str | None, str | None]] = Counter()
    for provenance in provenances.values():
        documents[provenance.publisher, provenance.licence] += 1
    for judged in tables.read_records(job.paths.records, outcome="kept"):
        provenance = provenances[judged.record.extract_id.partition(":")[0]]
        records[provenance.publisher, provenance.licence] += 1
        tokens[provenance.publisher, provenance.licence] += judged.record.tokens
    return [SourceFacts(*key, count, records[key], tokens[key]) for key, count in documents.items()]


def _nothing_kept(job: Job, account: Account) -> SynthgenError:
    reasons = ", ".join(f"{count} {code}" for code, count in account.reasons.items())
    return SynthgenError(
        f"no record was kept of {account.total.planned} planned ({reasons or 'none was asked'})",
        where=job.paths.root,
        fix=f"look at them with: synthgen show {job.paths.root}",
    )
