"""What is held out stays held out, in all its versions and formats, and nothing else does."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from synthgen import holdout
from synthgen.data import Document
from synthgen.errors import RecipeError
from synthgen.holdout import held_out
from synthgen.recipe import HoldoutSettings, SourceSettings
from synthgen.sources import read_sources

WORDS = ("ward", "nurse", "dose", "fever", "tube", "pulse", "gown", "pill", "cough", "scan", "vein", "nerve", "bone")


def made(number: int, length: int = 400) -> str:
    rng = random.Random(number)
    return " ".join(rng.choice(WORDS) + str(rng.randrange(300)) for _ in range(length))


def document(text: str, source: str = "a.md") -> Document:
    return Document(text, "A title", source, "markdown")


def sources_held(documents: list[Document], settings: HoldoutSettings) -> set[str]:
    found = held_out(documents, settings)
    return {document.source for document in documents if document.doc_id in found}


@pytest.fixture(scope="module")
def guidelines(shared_data: Path) -> list[Document]:
    """22 guidelines as Markdown files and, in the same order, as rows of JSON Lines; one of them as PDF too."""
    folder = shared_data / "guidelines"
    found = [
        *(document(path.read_text("utf-8"), f"markdown/{path.name}") for path in sorted(folder.glob("markdown/*.md"))),
        *read_sources([folder / "pdf"], SourceSettings()),
    ]
    lines = (folder / "jsonl" / "guidelines.jsonl").read_text("utf-8").splitlines()
    found += [document(json.loads(line)["clean_text"], f"rows.jsonl#{n}") for n, line in enumerate(lines, 1)]
    return [one for one in found if isinstance(one, Document)]


def test_nothing_is_held_out_by_default() -> None:
    assert held_out([document(made(1))], HoldoutSettings()) == frozenset()


def test_a_share_is_taken_by_the_text_alone() -> None:
    documents = [document(made(number), f"{number}.md") for number in range(300)]
    found = held_out(documents, HoldoutSettings(share=0.2))
    assert 40 <= len(found) <= 80
    renamed = [document(one.text, f"other-{one.source}") for one in reversed(documents)]
    assert held_out(renamed, HoldoutSettings(share=0.2)) == found


def test_what_is_held_out_stays_so_when_documents_or_share_grow() -> None:
    documents = [document(made(number), f"{number}.md") for number in range(100)]
    few = held_out(documents[:50], HoldoutSettings(share=0.1))
    assert few
    assert few <= held_out(documents, HoldoutSettings(share=0.1)) <= held_out(documents, HoldoutSettings(share=0.3))


def test_a_small_share_of_few_documents_takes_one() -> None:
    documents = [document(made(number), f"{number}.md") for number in range(5)]
    assert len(held_out(documents, HoldoutSettings(share=0.001))) == 1


def test_documents_are_named_by_globs_over_their_source() -> None:
    documents = [
        document(made(number), source) for number, source in enumerate(("who/a.md", "who/b.md", "nice.jsonl#3", "c.md"))
    ]
    assert sources_held(documents, HoldoutSettings(documents=["who/*"])) == {"who/a.md", "who/b.md"}
    assert sources_held(documents, HoldoutSettings(documents=["nice.jsonl", "c.md"])) == {"nice.jsonl#3", "c.md"}


def test_a_glob_that_names_nothing_is_an_error() -> None:
    with pytest.raises(RecipeError, match=r"holdout\.documents: no document is named 'whoo/\*'"):
        held_out([document(made(1)), document(made(2))], HoldoutSettings(documents=["whoo/*"]))


def test_holding_out_everything_is_an_error() -> None:
    with pytest.raises(RecipeError, match="all 2 documents are held out"):
        held_out([document(made(1)), document(made(1) + " revised")], HoldoutSettings(documents=["*"]))


def test_excerpts_versions_and_versions_of_versions_go_along() -> None:
    text = made(1).split()
    second = " ".join([*text[100:], *made(2, 100).split()])
    third = " ".join([*text[250:], *made(2, 100).split(), *made(3, 100).split()])
    excerpt = " ".join(text[50:110])
    documents = [
        document(" ".join(text), "first.md"),
        document(second, "second.md"),
        document(third, "third.md"),
        document(excerpt, "excerpt.md"),
        document(made(9), "other.md"),
    ]
    for name in ("first.md", "third.md"):
        held = sources_held(documents, HoldoutSettings(documents=[name]))
        assert held == {"first.md", "second.md", "third.md", "excerpt.md"}


def test_case_markup_and_line_breaks_hide_no_copy() -> None:
    copy = "# " + made(1).upper().replace(" ", "\n* ")
    documents = [document(made(1), "a.md"), document(copy, "b.txt"), document(made(2), "c.md")]
    assert sources_held(documents, HoldoutSettings(documents=["a.md"])) == {"a.md", "b.txt"}


def test_standing_phrases_of_a_publisher_make_no_copy() -> None:
    disclaimer = made(0, 300)
    documents = [document(f"{disclaimer} {made(number, 60)}", f"{number}.md") for number in range(1, 40)]
    assert sources_held(documents, HoldoutSettings(documents=["7.md"])) == {"7.md"}


def test_an_even_sample_of_large_sets_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [document(made(number), f"{number}.md") for number in range(20)]
    documents += [document(one.text.replace("1", "one", 3), f"copy-{one.source}") for one in documents]
    settings = HoldoutSettings(documents=["3.md", "4.md"])
    whole = held_out(documents, settings)
    monkeypatch.setattr(holdout, "COMPARED", 2_000)
    assert held_out(documents, settings) == held_out(documents[::-1], settings) == whole
    assert len(whole) == 4


def test_formats_of_a_real_guideline_go_together(guidelines: list[Document]) -> None:
    held = sources_held(guidelines, HoldoutSettings(documents=["markdown/ngc-11178.md"]))
    assert held == {"markdown/ngc-11178.md", "rows.jsonl#18", "ngc-11178_1col_rendered.pdf"}


def test_no_copy_of_a_held_out_guideline_is_left(guidelines: list[Document]) -> None:
    held = sources_held(guidelines, HoldoutSettings(share=0.05))
    files = sorted(one.source for one in guidelines if one.source.startswith("markdown/"))
    rows = [f"rows.jsonl#{number}" for number in range(1, len(files) + 1)]
    assert [file in held for file in files] == [row in held for row in rows]
    assert 0 < len(held) < len(guidelines) / 2
