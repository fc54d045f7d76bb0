"""Licences and dates, whatever way a document states them, come out in one form."""

from __future__ import annotations

from pathlib import Path

import pytest

from synthgen.data import Document
from synthgen.errors import LicenceError
from synthgen.recipe import LicencePolicy, SourceSettings
from synthgen.sources.licence import check_licence, licence_name
from synthgen.sources.metadata import iso_date
from synthgen.sources.reader import read_sources

SENTENCE = "This is an open-access article distributed under the terms of the Creative Commons Attribution License"


@pytest.mark.parametrize(
    ("stated", "name"),
    [
        ("http://creativecommons.org/licenses/by/2.0", "CC BY 2.0"),
        ("https://creativecommons.org/licenses/by-nc-sa/3.0/igo/", "CC BY-NC-SA 3.0 IGO"),
        ("https://creativecommons.org/licenses/by/4.0/legalcode", "CC BY 4.0"),
        ("http://creativecommons.org/licenses/by/2.0/uk/", "CC BY 2.0 UK"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0 1.0"),
        ("http://creativecommons.org/publicdomain/mark/1.0", "public domain"),
        ("CC-BY-4.0", "CC BY 4.0"),
        ("cc0-1.0", "CC0 1.0"),
        ("CC0 1.0 Universal", "CC0 1.0"),
        ("cc by-nc-nd", "CC BY-NC-ND"),
        ("Creative Commons Attribution-NonCommercial-ShareAlike 4.0 International License", "CC BY-NC-SA 4.0"),
        ("Creative Commons Attribution 3.0 IGO (CC BY 3.0 IGO)", "CC BY 3.0 IGO"),
        (f"{SENTENCE}, which permits unrestricted use.", "CC BY"),
        (f"{SENTENCE} (http://creativecommons.org/licenses/by/4.0/).", "CC BY 4.0"),
        ("This article is in the public domain.", "public domain"),
        ("Public domain", "public domain"),
    ],
)
def test_a_known_licence_gets_its_short_name(stated: str, name: str) -> None:
    assert licence_name(stated) == name
    assert licence_name(name) == name


@pytest.mark.parametrize(
    "stated",
    [
        "Copyright of the society. All rights reserved.",
        "Text CC BY 4.0, images CC BY-NC 4.0",
        "Creative Commons Attribution, for non-commercial use only",
        "not in the public domain",
        "This work is in the public domain except its figures",
        "Apache-2.0",
    ],
)
def test_a_wording_that_is_not_certain_stays_as_it_is(stated: str) -> None:
    assert licence_name(f"  {stated}\n") == stated


def test_a_long_wording_is_cut_to_one_line() -> None:
    name = licence_name("Ask before use.\n" * 40)
    assert len(name) <= 160
    assert "\n" not in name


def test_a_waiver_for_the_data_does_not_hide_the_licence_of_the_article() -> None:
    waiver = "The Creative Commons Public Domain Dedication waiver (http://creativecommons.org/publicdomain/zero/1.0/)"
    stated = f"{SENTENCE} (http://creativecommons.org/licenses/by/4.0). {waiver} applies to the data in this article."
    assert licence_name(stated) == "CC BY 4.0"


@pytest.mark.parametrize("rule", ["CC BY*", "cc by 4.0", "CC-BY-4.0", "cc-by-*"])
def test_a_policy_may_spell_a_licence_either_way(rule: str) -> None:
    document = Document("Give 5 mg.", "Title", "a.md", "markdown", licence="CC BY 4.0")
    check_licence(document, LicencePolicy(allow=[rule]))
    with pytest.raises(LicenceError):
        check_licence(document, LicencePolicy(refuse=[rule]))


def test_allowing_plain_attribution_does_not_allow_its_restricted_kinds() -> None:
    document = Document("Give 5 mg.", "Title", "a.md", "markdown", licence="CC BY-NC 4.0")
    with pytest.raises(LicenceError):
        check_licence(document, LicencePolicy(allow=["CC BY *"]))


@pytest.mark.parametrize(
    ("stated", "date"),
    [
        ("2024/5/1", "2024-05-01"),
        ("2024/05", "2024-05"),
        ("7 July 2026", "2026-07-07"),
        ("July 7, 2026", "2026-07-07"),
        ("May 2020", "2020-05"),
        ("2024-05-01", "2024-05-01"),
        ("03/04/2020", "03/04/2020"),
        ("2024/13/45", "2024/13/45"),
        ("Spring 2020", "Spring 2020"),
    ],
)
def test_a_date_that_is_certain_is_in_iso_form(stated: str, date: str) -> None:
    assert iso_date(stated) == date


def test_the_examples_all_have_the_same_licence_and_a_date(examples: Path) -> None:
    found = read_sources([examples], SourceSettings())
    made = [item for item in found if isinstance(item, Document)]
    assert len(made) >= 8
    assert {document.licence for document in made} == {"CC0 1.0"}
    assert all(document.date and document.date[4] == "-" for document in made)
