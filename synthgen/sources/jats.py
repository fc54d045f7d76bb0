"""Journal articles and guidelines in JATS (NLM) XML."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from synthgen.data import Document, Quarantined
from synthgen.errors import DocumentError
from synthgen.normalise.characters import normalise_characters
from synthgen.normalise.markup import text_of
from synthgen.recipe import SourceSettings
from synthgen.sources.base import Source, SourceFile
from synthgen.sources.encoding import read_bytes
from synthgen.sources.jats_markup import article_to_markdown, replace_element

_CREATIVE_COMMONS = re.compile(r"https?://creativecommons\.org/[\w./-]*\w")


class JatsSource(Source):
    """Reads `.xml` and `.nxml`. No entity is expanded, no DTD loaded, nothing fetched."""

    name = "jats"
    suffixes = (".xml", ".nxml")

    def read(self, file: SourceFile, settings: SourceSettings) -> Iterator[Document | Quarantined]:
        root = _parse(read_bytes(file, settings), file.name)
        articles = [
            part for part in root.iter("article") if part.find("front") is not None or part.find("body") is not None
        ]
        if not articles:
            raise DocumentError(
                f"is XML, but not JATS: its root is <{root.tag}>", where=file.name, fix="convert it to Markdown or HTML"
            )
        for number, article in enumerate(articles, 1):
            fields = article_metadata(article)
            yield Document(
                text=article_to_markdown(article, fields.get("title", "")),
                title=fields.get("title", ""),
                source=file.name if len(articles) == 1 else f"{file.name}#{number}",
                format=self.name,
                publisher=fields.get("publisher"),
                licence=fields.get("licence"),
                date=fields.get("date"),
                url=fields.get("url"),
            )


def _parse(data: bytes, name: str) -> Any:
    """The root of the tree, without namespaces, comments and entities. Raises DocumentError for unsafe XML."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        if "amplification" in str(error.msg):
            what, fix = "its entities grow without bound", "remove the entities that it declares"
        else:
            what, fix = f"is not valid XML ({error.msg})", "mend or export it again"
        raise DocumentError(what, where=name, fix=fix) from error
    for element in list(root.iter()):
        if element.tag is etree.Entity:
            replace_element(element, _character(element.text, name))
        elif isinstance(element.tag, str):
            element.tag = etree.QName(element).localname
    return root


def _character(entity: str, name: str) -> str:
    """The character of a standard entity. One that the file itself declares is refused: it may grow without end."""
    character = html.unescape(entity)
    if character == entity:
        raise DocumentError(
            f"declares an entity of its own, {entity[:40]}", where=name, fix="expand its entities, then try again"
        )
    return character


def article_metadata(article: Any) -> dict[str, str]:
    """Title, publisher (else journal), licence, date (ISO, as exact as it is given) and the DOI's address."""
    front = article.find("front")
    if front is None:
        return {}
    doi = front.findtext("article-meta/article-id[@pub-id-type='doi']")
    found = {
        "title": _title(front),
        "publisher": _first_text(front, ".//publisher-name", ".//journal-title"),
        "licence": _licence(front),
        "date": _date(front),
        "url": f"https://doi.org/{doi.strip()}" if doi else "",
    }
    return {field: normalise_characters(value).strip() for field, value in found.items() if value}


def _title(front: Any) -> str:
    title = front.find("article-meta/title-group/article-title")
    if title is None:
        return ""
    for note in title.xpath(".//xref | .//fn"):
        replace_element(note, "")
    return text_of(title)


def _first_text(front: Any, *paths: str) -> str:
    elements = (front.find(path) for path in paths)
    return next(filter(None, (text_of(element) for element in elements if element is not None)), "")


def _licence(front: Any) -> str:
    """The address of a Creative Commons licence where one is given, else the licence's wording."""
    licence = front.find(".//license")
    if licence is None:
        return _first_text(front, ".//copyright-statement")
    stated = [*licence.itertext(), *(value for part in licence.iter() for value in part.attrib.values())]
    address = _CREATIVE_COMMONS.search(" ".join(stated))
    return address[0] if address else text_of(licence) or str(licence.get("license-type", ""))


def _date(front: Any) -> str:
    """The earliest publication date."""
    dates = []
    for element in front.iterfind("article-meta/pub-date"):
        parts = [element.findtext(part, "").strip() for part in ("year", "month", "day")]
        if parts[0].isdecimal():
            dates.append("-".join(part.zfill(2) for part in parts if part.isdecimal()))
    return min(dates, default="")
