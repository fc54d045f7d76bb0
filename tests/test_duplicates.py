"""Exact duplicates go, and each names the record that stays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthgen.corpus.duplicates import drop_exact, fingerprint
from synthgen.data import Judged, Outcome, Record

WORDS = st.sampled_from(
    ["Metformin", "metformin", "METFORMIN", " ", "\n", "500 mg", "500  mg", "é", "e\u0301", ".", ""]
)


def judged(number: int, text: str, outcome: Outcome = "kept", code: str = "") -> Judged:
    record = Record(
        record_id=f"record-{number}",
        extract_id="0123456789ab:0-10",
        transformation="distill",
        version=1,
        kind="text",
        teacher="extractive",
        sample=0,
        raw=text,
        finish_reason="stop",
        content={"text": text},
        text=text,
    )
    return Judged(record, outcome, code)


def outcomes(*texts: str) -> list[tuple[str, str | None]]:
    dropped = drop_exact(judged(number, text) for number, text in enumerate(texts))
    return [(item.outcome, item.duplicate_of) for item in dropped]


def test_the_first_stays_and_later_ones_name_it() -> None:
    items = list(drop_exact(judged(number, text) for number, text in enumerate(["a", "b", "a", "b", "a"])))
    assert [item.outcome for item in items] == ["kept", "kept", "rejected", "rejected", "rejected"]
    assert [item.duplicate_of for item in items] == [None, None, "record-0", "record-1", "record-0"]
    assert [item.code for item in items[2:]] == ["exact_duplicate"] * 3


@pytest.mark.parametrize(
    "other",
    ["give 5 MG daily.", "Give  5 mg\ndaily. ", "Give\u00a05 mg daily.", "\tGive 5 mg daily."],
)
def test_case_and_white_space_make_no_difference(other: str) -> None:
    assert outcomes("Give 5 mg daily.", other)[1] == ("rejected", "record-0")


def test_composed_and_decomposed_letters_are_the_same() -> None:
    assert outcomes("Ménière", "Me\u0301nie\u0300re", "MÉNIÈRE") == [("kept", None)] + [("rejected", "record-0")] * 2


@pytest.mark.parametrize("other", ["INR > 2", "INR ≥ 2", "INR < 2.0", "INR <2", "INR 2"])
def test_punctuation_and_signs_make_a_difference(other: str) -> None:
    assert outcomes("INR < 2", other)[1] == ("kept", None)


def test_records_that_are_not_kept_pass_as_they_are_and_keep_no_other_out() -> None:
    before = [judged(0, "same", "rejected", "too_short"), judged(1, "", "failed", "timeout"), judged(2, "same")]
    assert list(drop_exact(before)) == before


def test_it_streams() -> None:
    def endless() -> Iterator[Judged]:
        number = 0
        while True:
            yield judged(number, f"text {number // 2}")
            number += 1

    stream = drop_exact(endless())
    assert [next(stream).outcome for _ in range(4)] == ["kept", "rejected", "kept", "rejected"]


def test_text_with_a_lone_surrogate_has_a_fingerprint() -> None:
    assert fingerprint("dose \ud800") != fingerprint("dose ?")


@given(st.lists(st.lists(WORDS, max_size=4).map("".join), max_size=12))
def test_a_second_pass_finds_nothing_and_no_text_is_lost(texts: list[str]) -> None:
    once = list(drop_exact(judged(number, text) for number, text in enumerate(texts)))
    assert list(drop_exact(once)) == once
    kept = {fingerprint(item.record.text) for item in once if item.outcome == "kept"}
    assert kept == {fingerprint(text) for text in texts}
    assert len(kept) == sum(item.outcome == "kept" for item in once)
