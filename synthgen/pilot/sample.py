"""Which extracts a pilot asks about: of every document some, before any document gets more."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from synthgen.data import Extract
from synthgen.planning import Plan

MOST = 2.0
"""Rounds of a pilot at most."""


def pilot(plan: Plan, extracts: int) -> Plan:
    """`plan` for so many of its extracts, or for all where there are fewer, with one sample of each, or up to two.

    Its requests are the plan's own, so that the answers serve the whole run: once that has come to its first whole
    round. Two samples of an extract, where the plan has them, show whether they repeat each other. The choice is
    stratified by document and depends on the texts alone.
    """
    chosen = chosen_extracts(plan.extracts(), extracts)

    def part() -> Iterator[Extract]:
        return (extract for extract in plan.extracts() if extract.extract_id in chosen)

    return replace(plan, extracts=part, rounds=min(max(1.0, plan.rounds), MOST))


def chosen_extracts(extracts: Iterable[Extract], number: int) -> frozenset[str]:
    """The ids of `number` extracts: the first of each document by hash, then the second of each, and so on."""
    documents: dict[str, list[bytes]] = defaultdict(list)
    ids: dict[bytes, str] = {}
    for extract in extracts:
        key = hashlib.sha256(extract.text.encode("utf-8", "surrogatepass")).digest()
        if ids.setdefault(key, extract.extract_id) == extract.extract_id:
            documents[extract.doc_id].append(key)
    ranked = sorted((rank, key) for keys in documents.values() for rank, key in enumerate(sorted(keys)))
    return frozenset(ids[key] for _, key in ranked[:number])
