"""Web pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from synthgen.data import Document, Quarantined
from synthgen.normalise.characters import normalise_characters, restore_scripts
from synthgen.normalise.clutter import without_navigation
from synthgen.normalise.markup import parse_html, to_markdown
from synthgen.normalise.text import tidy
from synthgen.recipe import SourceSettings
from synthgen.sources.base import Source, SourceFile
from synthgen.sources.encoding import decode, read_bytes

_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)

_CHROME_TAGS = ("nav", "footer", "aside", "form", "dialog")
_CHROME_ROLES = (
    "navigation",
    "banner",
    "contentinfo",
    "search",
    "complementary",
    "dialog",
    "menu",
    "menubar",
    "toolbar",
)
_CHROME_NAME = re.compile(
    r"(?:^|[\s_-])(?:cookies?|consent|gdpr|breadcrumbs?|newsletter|skip-?(?:links?|nav)|navbar|navigation|adverts?|advertisement"
    r"|social-?(?:media|links|share|icons)?|share-?(?:buttons?|links|bar|this)|pagination|masthead)(?:$|[\s_-])"
    r"|(?:^|\s)(?:site|page|global|top)[_-]?header(?:$|\s)"
    r"|(?:^|\s)(?:(?:site|page|global|main|top)[_-]?)?(?:nav|topbar|menu|sidebar|pager|footer|toolbar|popup|modal|ads?|toc)(?:$|\s)",
    re.IGNORECASE,
)
_META = {
    "title": ("citation_title", "dc.title", "dcterms.title", "og:title", "twitter:title"),
    "publisher": (
        "citation_publisher",
        "dc.publisher",
        "dcterms.publisher",
        "publisher",
        "article:publisher",
        "og:site_name",
        "application-name",
    ),
    "licence": ("dcterms.license", "dc.license", "licence", "license", "dcterms.rights", "dc.rights", "rights"),
    "date": (
        "citation_publication_date",
        "citation_date",
        "dcterms.issued",
        "dc.date.issued",
        "dcterms.date",
        "dc.date",
        "article:published_time",
        "date",
        "dcterms.modified",
        "article:modified_time",
    ),
    "url": ("og:url",),
}


class HtmlSource(Source):
    """Reads `.html`: the main part of the page, without navigation, banners, forms and footers."""

    name = "html"
    suffixes = (".html", ".htm", ".xhtml")

    def read(self, file: SourceFile, settings: SourceSettings) -> Iterator[Document | Quarantined]:
        data = read_bytes(file, settings)
        declared = _CHARSET.search(data[:4096])
        text = decode(data, file.name, declared[1].decode("ascii") if declared else "utf-8")
        page = parse_html(text)
        fields = page_metadata(page)
        yield Document(
            text=page_to_markdown(page),
            title=fields.get("title", ""),
            source=file.name,
            format=self.name,
            publisher=fields.get("publisher"),
            licence=fields.get("licence"),
            date=fields.get("date"),
            url=fields.get("url"),
        )


def page_metadata(page: Any) -> dict[str, str]:
    """Title, publisher, licence, date and address as the page's head states them."""
    stated: dict[str, str] = {}
    for meta in page.iter("meta"):
        key = (meta.get("name") or meta.get("property") or meta.get("itemprop") or "").lower()
        if value := " ".join((meta.get("content") or "").split()):
            stated.setdefault(key, value)
    found = {field: next((stated[key] for key in keys if key in stated), "") for field, keys in _META.items()}
    links = {rel: link.get("href", "") for link in page.iter("link", "a") for rel in (link.get("rel") or "").split()}
    found["licence"] = found["licence"] or links.get("license", "")
    found["url"] = links.get("canonical", "") or found["url"]
    found["title"] = found["title"] or " ".join("".join(page.xpath("//head/title[1]//text()")).split())
    return {field: normalise_characters(value) for field, value in found.items() if value}


def page_to_markdown(page: Any) -> str:
    """The main part of a page as normalised Markdown."""
    body = page.find("body")
    if body is None:
        return ""
    main = _main(body)
    most = 0.5 * _length(main)
    for element in list(main.iterdescendants()):
        if isinstance(element.tag, str) and _is_chrome(element) and _length(element) < most:
            element.drop_tree()
    return tidy(restore_scripts(without_navigation(normalise_characters(to_markdown(main)))))


def _main(body: Any) -> Any:
    """The one element that the page marks as its content and that holds a good part of its text, else the body."""
    enough = 0.3 * _length(body)
    for path in (".//main", ".//*[@role='main']", ".//article"):
        found = body.xpath(path)
        if len(found) == 1 and _length(found[0]) > enough:
            return found[0]
    return body


def _is_chrome(element: Any) -> bool:
    """Whether an element is furniture of the site: by its tag, role or name."""
    if element.tag in ("html", "body", "main", "article"):
        return False
    if element.tag in _CHROME_TAGS or (element.get("role") or "").lower() in _CHROME_ROLES:
        return True
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    if element.tag == "header":
        return not element.xpath("ancestor::article or ancestor::main or .//h1")
    names = (element.get("class", ""), element.get("id", ""))
    return any(_CHROME_NAME.search(name) for name in names) or _is_link_row(element)


def _is_link_row(element: Any) -> bool:
    """Whether a block is nothing but two or more short links, none with a number in it."""
    if element.tag not in ("div", "p", "ul"):
        return False
    links = ["".join(link.itertext()).strip() for link in element.iter("a")]
    if len(links) < 2 or any(len(link) > 60 or re.search(r"\d", link) for link in links):
        return False
    return not "".join(element.xpath(".//text()[not(ancestor::a)]")).strip(" \t\r\n|·•»«›‹/,-")


def _length(element: Any) -> int:
    return sum(len(text.strip()) for text in element.itertext())
