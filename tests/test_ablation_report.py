"""The result: what is called real, what the control says, what luck gets; and the page that says it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from synthgen.ablation import words
from synthgen.ablation.data import Arm, ItemScore, Measured, Portion, Trained
from synthgen.ablation.heldout import BITS, NATS
from synthgen.ablation.page import html
from synthgen.ablation.report import markdown, write_report
from synthgen.ablation.result import Difference, Result, summarise
from synthgen.ablation.tasks import Question, Task
from synthgen.errors import UsageError
from synthgen.training.base import LossPoint

SEEDS = (1, 2, 3)
TASK = Task("medqa", "letters", tuple(Question(f"q{n:03}", "?", ("a", "b", "c", "d"), n % 4) for n in range(120)))


def arm(name: str, shares: Mapping[str, float], *, available: int = 1_000, same_as: str | None = None) -> Arm:
    portions = tuple(Portion(part, share, available, round(share * 1_000), 10) for part, share in shares.items())
    return Arm(name, portions, 64, same_as)


ARMS = (
    arm("source", {"source": 1.0}, available=250),
    arm("set", {"set": 1.0}),
    arm("mix_30", {"set": 0.3, "source": 0.7}),
    arm("control", {"control": 1.0}),
)


def trained(arms: Sequence[Arm], seeds: Sequence[int] = SEEDS) -> list[Trained]:
    losses = tuple(LossPoint(step, step * 100, 10 - step / 4) for step in range(1, 11))
    return [
        Trained(one.name, seed, Path("a"), Path("b"), 1_000, 0.5, losses)
        for seed in seeds
        for one in arms
        if one.same_as is None
    ]


def measured(
    losses: Mapping[str, float], *, seeds: Sequence[int] = SEEDS, measure: str = NATS, documents: int = 12
) -> list[Measured]:
    """Losses that differ much between documents, little between seeds, and by as much as is said between arms."""
    generator = np.random.default_rng(5)
    hard = generator.normal(size=documents)
    return [
        Measured(
            name,
            seed,
            measure,
            tuple(
                ItemScore(f"d{n:02}", float(5 + hard[n] + loss + 0.01 * generator.normal()), weight=100.0 + n)
                for n in range(documents)
            ),
            "loss",
        )
        for name, loss in losses.items()
        for seed in seeds
    ]


def answered(names: Sequence[str], *, always: int | None = None, seeds: Sequence[int] = SEEDS) -> list[Measured]:
    """Answers to `TASK`: by chance, or always the same place."""
    generator = np.random.default_rng(6)
    found = []
    for name in names:
        for seed in seeds:
            places = [int(generator.integers(4)) if always is None else always for _ in TASK.questions]
            items = zip(TASK.questions, places, strict=True)
            scores = tuple(ItemScore(one.item_id, one.gold == place, place, one.gold) for one, place in items)
            found.append(Measured(name, seed, TASK.measure, scores))
    return found


def between(result: Result, one: str, other: str, measure: str = NATS) -> Difference:
    (found,) = (d for d in result.differences if (d.arm, d.against, d.measure) == (one, other, measure))
    return found


@pytest.fixture(scope="module")
def result() -> Result:
    losses = {"source": 0.0, "set": -0.3, "mix_30": -0.001, "control": 0.0}
    return summarise(ARMS, trained(ARMS), measured(losses) + answered([one.name for one in ARMS]), [TASK])


def test_a_shift_in_all_documents_and_seeds_is_real_and_none_is_noise(result: Result) -> None:
    real, noise = between(result, "set", "source"), between(result, "mix_30", "source")
    assert (real.verdict, real.better) == ("real", True)
    assert real.interval.mean == pytest.approx(-0.3, abs=0.02)
    assert real.interval.low <= real.interval.mean <= real.interval.high < 0
    assert noise.verdict == "noise"
    assert all(one.verdict == "noise" for one in result.differences if one.measure == "medqa")


def test_with_one_seed_nothing_is_real() -> None:
    losses = measured({"source": 0.0, "set": -0.3}, seeds=[1])
    found = summarise(ARMS[:2], trained(ARMS[:2], [1]), losses, [])
    assert between(found, "set", "source").verdict == "unclear"
    assert any("**one seed**" in sentence for sentence in words.not_shown(found))


def test_arms_are_compared_on_the_seeds_that_both_have() -> None:
    losses = [one for one in measured({"source": 0.0, "set": -0.3}) if (one.arm, one.seed) != ("set", 2)]
    models = [one for one in trained(ARMS[:2]) if (one.arm, one.seed) != ("set", 2)]
    found = summarise(ARMS[:2], models, losses, [])
    assert between(found, "set", "source").seeds == (1, 3)
    assert found.cells["source", NATS].seeds == SEEDS
    assert any("`set` (2 of 3)" in sentence for sentence in words.in_short(found))


def test_bits_a_byte_are_told_and_not_compared_again() -> None:
    both = measured({"source": 0.0, "set": -0.3}) + measured({"source": 0.0, "set": -0.3}, measure=BITS)
    found = summarise(ARMS[:2], trained(ARMS[:2]), both, [])
    assert ("set", BITS) in found.cells
    assert {one.measure for one in found.differences} == {NATS}


def test_models_that_were_asked_other_questions_are_refused() -> None:
    other = [replace(one, items=one.items[1:]) if one.arm == "set" else one for one in answered(["source", "set"])]
    with pytest.raises(UsageError, match="measure medqa, arm source, seed 1"):
        summarise(ARMS[:2], trained(ARMS[:2]), other, [TASK])


def test_an_arm_without_some_records_is_compared_with_the_whole_set() -> None:
    arms = (*ARMS, arm("without_faq", {"set_without_faq": 1.0}))
    losses = measured({"source": 0.0, "set": -0.3, "mix_30": 0.0, "control": 0.0, "without_faq": 0.1})
    found = summarise(arms, trained(arms), losses, [])
    assert {one.against for one in found.differences if one.arm == "without_faq"} == {"set"}
    lost = between(found, "without_faq", "set")
    assert (lost.verdict, lost.better) == ("real", False)


def test_a_set_that_beats_the_control_is_said_to(result: Result) -> None:
    assert words.in_short(result)[0].startswith("`set` **beats the extractive control** in held-out loss")


def test_a_set_that_does_not_beat_the_control_is_said_plainly() -> None:
    losses = {"source": 0.0, "set": -0.3, "mix_30": 0.0, "control": -0.3}
    first = words.in_short(summarise(ARMS, trained(ARMS), measured(losses), []))[0]
    assert first.startswith("**`set` does not beat the extractive control**")
    worse = losses | {"control": -0.6}
    first = words.in_short(summarise(ARMS, trained(ARMS), measured(worse), []))[0]
    assert first.startswith("**`set` does not beat the extractive control**")
    assert "**worse** in held-out loss" in first


def test_a_set_made_by_rules_is_its_own_control() -> None:
    arms = (ARMS[0], ARMS[1], arm("control", {"control": 1.0}, same_as="set"))
    found = summarise(arms, trained(arms), measured({"source": 0.0, "set": -0.3}), [])
    assert found.against == ("source", "set")
    assert "row for row" in words.in_short(found)[0]


def test_an_ablation_without_a_control_says_so() -> None:
    found = summarise(ARMS[:2], trained(ARMS[:2]), measured({"source": 0.0, "set": -0.3}), [])
    assert "**no control arm**" in words.in_short(found)[0]


def test_repetition_is_stated(result: Result) -> None:
    assert any("`source` repeats source" in sentence and "4.0 times" in sentence for sentence in words.in_short(result))


def test_luck_and_an_answer_by_place_are_shown(result: Result) -> None:
    assert any("**no arm above luck**" in sentence for sentence in words.in_short(result))
    fixed = summarise(ARMS[:2], trained(ARMS[:2]), answered(["source", "set"], always=2), [TASK])
    said = " ".join(words.in_short(fixed))
    assert "`source` and `set` chose the third option" in said
    assert fixed.cells["set", "medqa"].chosen == (0, 0, 1)
    luck = fixed.measures[0].luck
    assert luck is not None
    assert fixed.cells["set", "medqa"].interval.mean == pytest.approx(luck.positions[2])


def test_few_seeds_and_few_documents_are_not_passed_over() -> None:
    few = measured({"source": 0.0, "set": -0.3}, documents=3)
    said = " ".join(words.not_shown(summarise(ARMS[:2], trained(ARMS[:2]), few, [])))
    assert "There are 3 seeds" in said
    assert "3 documents, too few" in said


class Reader(HTMLParser):
    """The tags of a page and what they refer to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.refers: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "line", "circle", "polyline"):
            self.open.append(tag)
        self.refers += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "srcset")]

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            assert self.open.pop() == tag


def test_the_page_is_whole_and_needs_nothing_from_elsewhere(result: Result) -> None:
    page = html(result)
    reader = Reader(page)
    assert (reader.open, reader.refers) == ([], [])
    assert not re.search(r"<script|@import|url\(", page)
    assert page.count("<svg") == len(result.measures) + 1
    for one in ARMS:
        assert f"<code>{one.name}</code>" in page


def test_names_have_no_effect_on_the_page() -> None:
    arms = (ARMS[0], arm("<b>x</b>", {"set": 1.0}))
    found = summarise(arms, trained(arms), measured({"source": 0.0, "<b>x</b>": -0.3}), [])
    page = html(found)
    assert "<b>" not in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page


def test_markdown_has_the_same_numbers_and_whole_tables(result: Result) -> None:
    text = markdown(result)
    assert words.value(result.cells["set", NATS].interval.mean, "loss") in text
    for block in re.split(r"\n\n", text):
        if block.startswith("|"):
            assert len({line.count("|") for line in block.strip().splitlines()}) == 1


def test_the_same_result_gives_the_same_bytes(result: Result, tmp_path: Path) -> None:
    losses = {"source": 0.0, "set": -0.3, "mix_30": -0.001, "control": 0.0}
    shuffled = (measured(losses) + answered([one.name for one in ARMS]))[::-1]
    again = summarise(ARMS, trained(ARMS), shuffled, [TASK])
    write_report(result, tmp_path / "one")
    write_report(again, tmp_path / "two")
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == ["report.html", "report.md", "result.json"]
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_json_form_is_stable(result: Result, tmp_path: Path) -> None:
    write_report(result, tmp_path)
    data = json.loads((tmp_path / "result.json").read_text("utf-8"))
    assert data["format"] == 1
    assert set(data) == {
        *("format", "method", "arms", "curves", "measures", "scores", "differences", "against", "control")
    }
    assert set(data["differences"][0]) == {
        *("arm", "against", "measure", "interval", "seeds", "adjusted", "verdict", "better")
    }
    assert set(data["scores"][0]["interval"]) == {"mean", "low", "high", "p"}


def test_an_ablation_that_is_not_measured_yet_has_a_page() -> None:
    found = summarise(ARMS, [], [], [])
    assert "Nothing has been measured yet" in html(found)
    assert "Nothing has been measured yet" in markdown(found)
