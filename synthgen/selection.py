"""The passes over the whole set, which take records out of it, and what they leave for packing.

Each pass is a stage of its own, so that one that has ended is not done again after a kill, or for a changed recipe. No
result depends on the order in which answers came or on the number of processes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from synthgen.candidates import Candidates, gather
from synthgen.corpus.benchmark_items import BenchmarkItem
from synthgen.corpus.contamination import Contamination, Hit, contamination
from synthgen.corpus.duplicates import KINDS, Duplicates, find_duplicates, joined
from synthgen.corpus.embedding import Embedder, embed
from synthgen.corpus.flat import FlatTokens, Ints
from synthgen.corpus.near import precedence
from synthgen.corpus.semantic import semantic_duplicates
from synthgen.corpus.tokenise import open_tokens, tokenise
from synthgen.data import Judged
from synthgen.job import Job
from synthgen.progress import OnProgress, Watch
from synthgen.recipe import LimitSettings, Recipe
from synthgen.removal import (
    DUPLICATES_HEAD,
    HELD_OUT,
    HITS_HEAD,
    Removal,
    contaminated,
    duplicate_row,
    hit_rows,
    read_hits,
    spans,
)
from synthgen.report.account import Account, AccountBuilder
from synthgen.stages import Stages
from synthgen.storage import tables
from synthgen.storage.arrays import load_arrays, save_arrays
from synthgen.storage.csv_text import write_csv
from synthgen.storage.files import atomic_file, atomic_text
from synthgen.storage.layout import RunPaths
from synthgen.workers import cores

PROCESS_MB = 400
"""Resident memory that one process of a pass takes, at most, beside what is held for each record."""


@dataclass(frozen=True, slots=True)
class Survivors:
    """What the passes have left: `documents` are the numbers in `tokens` of the kept records, ascending, which is the
    order of `records.parquet`; `ids[i]` is the record of document `i`, kept or not. Documents are the records' plain
    texts, without BOS and EOS."""

    tokens: FlatTokens
    documents: Ints
    ids: Sequence[str]


def survivors(paths: RunPaths, recipe: Recipe) -> Survivors:
    """What `select` has left of the run in `paths`. Raises StorageError where it has not ended."""
    documents = load_arrays(paths.survivors)["documents"]
    return Survivors(open_tokens(paths.tokens, recipe.tokenizer), documents, Candidates.load(paths.candidates).ids)


def select(job: Job, stages: Stages, judge_key: str, on_progress: OnProgress) -> str:
    """Judged records to `records.parquet`, in which those that must not stay together with others are rejected."""
    tokens_key = _tokenise(job, stages, judge_key, on_progress)
    hits_key = _decontaminate(job, stages, tokens_key, on_progress)
    duplicates_key = _deduplicate(job, stages, hits_key, on_progress)
    return _take_out(job, stages, duplicates_key, on_progress)


def processes(limits: LimitSettings) -> int:
    """How many processes a pass may have, so that they fit into the memory that the recipe gives them."""
    return max(1, min(limits.processes or cores(), limits.memory_mb // PROCESS_MB))


def _tokenise(job: Job, stages: Stages, judge_key: str, on_progress: OnProgress) -> str:
    """The texts that their own verdicts keep, in tokens, and all else that the passes need of these records."""
    paths, tokenizer = job.paths, job.recipe.tokenizer

    def work() -> dict[str, Any]:
        watch, most = Watch("tokenise", None, on_progress), processes(job.recipe.limits)
        gather(paths.judged, most).save(paths.candidates)
        texts = _watched(tables.read_kept_texts(paths.judged), watch)
        made = tokenise(texts, paths.tokens, tokenizer, processes=most)
        watch.finish()
        tokens = int(made.tokens.offsets[-1])
        return {"records": len(made.tokens), "tokens": tokens, "checked": made.checked, "recoded": made.recoded}

    return stages.run("tokenise", [judge_key, tokenizer], [paths.tokens, paths.candidates], work)


def _tokenise_sources(job: Job, stages: Stages, on_progress: OnProgress) -> str:
    """The documents in tokens: what stands in several of them is no evaluation set's own."""
    paths, tokenizer = job.paths, job.recipe.tokenizer

    def work() -> dict[str, Any]:
        watch = Watch("tokenise", None, on_progress)
        texts = (document.text for document in tables.read_documents(paths.documents))
        made = tokenise(_watched(texts, watch), paths.source_tokens, tokenizer, processes=processes(job.recipe.limits))
        watch.finish()
        return {"tokens": int(made.tokens.offsets[-1])}

    return stages.run("tokenise_sources", [stages.state.stages["read"].key, tokenizer], [paths.source_tokens], work)


def _decontaminate(job: Job, stages: Stages, tokens_key: str, on_progress: OnProgress) -> str:
    """What of the recipe's evaluation sets, and of the documents that are held out, stands in the records."""
    paths, tokenizer = job.paths, job.recipe.tokenizer
    items = [*job.benchmarks, *_held_out(paths, stages.state.stages["extract"].counts["held_out"])]
    sizes = {one.about.benchmark: one.about.items for one in job.hashed} | Counter(item.benchmark for item in items)
    sources_key = _tokenise_sources(job, stages, on_progress) if items or job.hashed else ""

    def work() -> dict[str, Any]:
        watch, found = Watch("decontaminate", None, on_progress), Contamination([], [], 0)
        if sources_key:
            found = contamination(
                open_tokens(paths.tokens, tokenizer),
                items,
                tokenizer,
                sources=open_tokens(paths.source_tokens, tokenizer),
                hashed=job.hashed,
                processes=processes(job.recipe.limits),
            )
        with atomic_file(paths.hits) as file:
            file.writelines(orjson.dumps(hit) + b"\n" for hit in found.hits)
        watch.finish()
        return {
            "benchmarks": _by_benchmark(sizes, found.hits),
            "records": len({hit.document for hit in found.hits if hit.contaminated and hit.benchmark != HELD_OUT}),
            "stock": len(found.stock),
        }

    hashes = [one.digest for one in job.hashed]
    return stages.run("decontaminate", [tokens_key, sources_key, items, hashes], [paths.hits], work)


def _held_out(paths: RunPaths, doc_ids: Collection[str]) -> Iterator[BenchmarkItem]:
    """Each document that is held out as an item, its paragraphs as passages."""
    for document in tables.read_documents(paths.documents) if doc_ids else ():
        if document.doc_id in doc_ids:
            yield BenchmarkItem(HELD_OUT, document.doc_id, "", passages=tuple(document.text.split("\n\n")))


def _by_benchmark(sizes: Mapping[str, int], hits: Sequence[Hit]) -> dict[str, dict[str, int]]:
    """By evaluation set: its items and those met; the records that hold one, that hold its answer as well, and that
    have no more than a phrase in common with one."""
    counts = {name: {"items": count} for name, count in sorted(sizes.items())}
    for name, count in counts.items():
        copies = [hit for hit in hits if hit.benchmark == name and hit.contaminated]
        records = {hit.document for hit in copies}
        phrases = {hit.document for hit in hits if hit.benchmark == name and not hit.contaminated}
        count |= {
            "met": len({hit.item for hit in copies}),
            "records": len(records),
            "answered": len({hit.document for hit in copies if hit.answer}),
            "phrases": len(phrases - records),
        }
    return counts


def _deduplicate(job: Job, stages: Stages, hits_key: str, on_progress: OnProgress) -> str:
    """Which records say what a better one says. The vectors of the texts stay, so that they are made once."""
    paths, settings = job.paths, job.recipe.dedup

    def work() -> dict[str, Any]:
        watch, candidates = Watch("deduplicate", None, on_progress), Candidates.load(paths.candidates)
        apart = np.zeros(len(candidates.rows), np.bool_)
        apart[contaminated(read_hits(paths.hits))] = True
        order = precedence(np.where(apart, -1.0, candidates.scores), candidates.names)
        found = find_duplicates(
            open_tokens(paths.tokens, job.recipe.tokenizer),
            candidates.prints,
            order,
            apart,
            exact=settings.exact,
            near=settings.near,
            processes=processes(job.recipe.limits),
        )
        if settings.semantic is not None:
            vectors = embed(tables.read_kept_texts(paths.judged), paths.vectors, Embedder(Path(settings.semantic)))
            left = order[~apart[order] & ~np.isin(order, found.dropped)]
            found = joined(found, semantic_duplicates(vectors, left, settings.semantic_threshold))
        found.save(paths.duplicates)
        watch.finish()
        exact, near, semantic = np.bincount(found.kind, minlength=len(KINDS)).tolist()
        return {
            "exact": exact,
            "near": near,
            "semantic": semantic,
            "clusters": len(np.unique(found.stays)),
            "same_extract": int((candidates.extracts[found.dropped] == candidates.extracts[found.stays]).sum()),
            "compared": found.compared,
            "recall": round(found.recall, 4),
        }

    return stages.run("deduplicate", [hits_key, settings], [paths.duplicates], work)


def _take_out(job: Job, stages: Stages, duplicates_key: str, on_progress: OnProgress) -> str:
    """The records with what the passes found, the lists of that for people, and the account."""
    paths = job.paths

    def work() -> dict[str, Any]:
        watch = Watch("select", None, on_progress)
        candidates = Candidates.load(paths.candidates)
        removal = Removal(candidates, read_hits(paths.hits), Duplicates.load(paths.duplicates))
        account = AccountBuilder.of(Account.from_json(stages.state.stages["judge"].counts["account"]))
        with atomic_text(paths.contamination_csv) as hits, atomic_text(paths.duplicates_csv) as duplicates:
            write_csv(hits, [HITS_HEAD])
            write_csv(duplicates, [DUPLICATES_HEAD])

            def revise(row: int, judged: Judged) -> Judged:
                candidate = int(np.searchsorted(candidates.rows, row))
                found = spans(removal.hits.get(candidate, ()), judged.record.text, job.tokenizer)
                now = removal.of(candidate, judged, found)
                write_csv(hits, hit_rows(now, found))
                if now.duplicate_of is not None:
                    write_csv(duplicates, [duplicate_row(now)])
                if now.outcome != "kept":
                    account.taken_out(now)
                watch.step()
                return now

            concerned = set(candidates.rows[removal.concerned].tolist())
            tables.revise_records(paths.judged, paths.records, concerned, revise)
        left = removal.survivors
        save_arrays(paths.survivors, {"documents": left})
        watch.finish()
        spent = stages.state.stages["judge"].counts["account"]["usd"]
        told = candidates.recall[left]
        told = told[~np.isnan(told)]
        return {
            "account": account.build(spent).to_json(),
            # Where no record promises its extract's quantities, none is missing.
            "quantity_recall": round(float(told.mean()), 4) if len(told) else 1.0,
        }

    made = [paths.records, paths.survivors, paths.contamination_csv, paths.duplicates_csv]
    return stages.run("select", [duplicates_key], made, work)


def _watched(texts: Iterable[str], watch: Watch) -> Iterator[str]:
    for text in texts:
        yield text
        watch.step()
