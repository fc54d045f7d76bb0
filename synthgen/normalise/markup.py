"""A tree of HTML elements to Markdown: headings, paragraphs, lists, tables, superscripts and subscripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from synthgen.errors import DocumentError
from synthgen.normalise.characters import lowered, raised

Element = Any
"""An lxml element; lxml has no type hints of its own."""

_BLOCK_TAGS = (
    "address article aside blockquote body caption center dd details dir div dl dt fieldset figcaption figure footer"
    " form h1 h2 h3 h4 h5 h6 header hr html li main menu ol p pre section summary table ul"
)
_UNSEEN_TAGS = (
    "script style noscript template iframe object embed svg canvas audio video map head title button input select"
    " textarea img picture source"
)
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_UNSEEN = frozenset(_UNSEEN_TAGS.split())
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BARE_BRACKET = re.compile(r"<(?![a-zA-Z/!?])")
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_SPACE = re.compile(r"[ \t\r\n\f]+")


def to_markdown(root: Element) -> str:
    """The Markdown of an HTML element: blocks with a blank line between them, nothing escaped but `|` in tables."""
    return "\n\n".join(_blocks(root))


def html_to_markdown(markup: str) -> str:
    """The Markdown of a piece of HTML."""
    return to_markdown(parse_html(markup))


def parse_html(markup: str) -> Element:
    """The `html` element of a page or of a piece of one; every "<" that begins no tag is text.

    Raises DocumentError if elements are nested deeper than the parser goes (256), as it would drop what is in them.
    """
    from lxml import etree, html

    parser = html.HTMLParser(no_network=True)
    text = _BARE_BRACKET.sub("&lt;", _XML_DECLARATION.sub("", markup))
    try:
        page = html.document_fromstring(text if text.strip() else "<html></html>", parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise DocumentError("is not HTML that can be read", fix="save the page again") from error
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise DocumentError("is HTML with elements nested too deeply", fix="convert it to Markdown")
    return page


def text_of(element: Element) -> str:
    """The text of an element in one line, scripts marked, without emphasis."""
    return _SPACE.sub(" ", _inline(element, emphasis=False)).strip()


def _blocks(element: Element) -> Iterator[str]:
    """The blocks in an element; text and inline elements between blocks are paragraphs."""
    run = element.text or ""
    for child in element:
        if _holds_blocks(child):
            yield from _paragraph(run)
            yield from _block(child)
            run = ""
        else:
            run += _inline_child(child, emphasis=True)
        run += child.tail or ""
    yield from _paragraph(run)


def _block(element: Element) -> Iterator[str]:
    tag = element.tag
    if tag in _HEADINGS:
        if text := text_of(element):
            yield f"{'#' * _HEADINGS[tag]} {text}"
    elif tag in ("ul", "ol", "menu", "dir"):
        yield from _list(element)
    elif tag == "table":
        yield from _table(element)
    elif tag == "pre":
        yield "```\n" + "".join(element.itertext()).strip("\n") + "\n```"
    elif tag == "blockquote":
        yield from ("\n".join(f"> {line}".rstrip() for line in block.split("\n")) for block in _blocks(element))
    elif tag == "dl":
        yield from _definitions(element)
    else:
        yield from _blocks(element)


def _paragraph(text: str) -> Iterator[str]:
    lines = (_SPACE.sub(" ", line).strip() for line in text.split("\v"))
    if joined := "\n".join(line for line in lines if line):
        yield joined


def _inline(element: Element, *, emphasis: bool) -> str:
    """The text of an element with its inline markup; a line break is `\\v` until its paragraph is put together."""
    parts = [element.text or ""]
    for child in element:
        parts += [_inline_child(child, emphasis=emphasis), child.tail or ""]
    return "".join(parts)


def _inline_child(element: Element, *, emphasis: bool) -> str:
    tag = element.tag
    if not isinstance(tag, str) or tag in _UNSEEN:
        return ""
    if tag == "br":
        return "\v" if emphasis else " "
    if tag in ("sup", "sub"):
        script = raised if tag == "sup" else lowered
        return "" if _is_citation(element) else script(_SPACE.sub(" ", _inline(element, emphasis=False)))
    inner = _inline(element, emphasis=emphasis)
    if emphasis and tag in ("strong", "b") and inner.strip() and "\v" not in inner:
        head, tail = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
        return f"{head}**{inner.strip()}**{tail}"
    return f" {inner} " if tag in _BLOCKS else inner


def _is_citation(element: Element) -> bool:
    """Whether a superscript is a reference mark: all of its text links to a place in the same page."""
    if not element.xpath(".//a[starts-with(@href, '#')]"):
        return False
    unlinked = element.xpath(".//text()[not(ancestor::a[starts-with(@href, '#')])]")
    return not "".join(unlinked).strip(" \t\n,;–-[]()")


def _holds_blocks(element: Element) -> bool:
    if not isinstance(element.tag, str) or element.tag in _UNSEEN:
        return False
    return element.tag in _BLOCKS or any(child.tag in _BLOCKS for child in element.iterdescendants())


def _list(element: Element) -> Iterator[str]:
    """A list as one block; items keep their own lists and paragraphs, indented."""
    start = element.get("start", "1")
    number = int(start) if start.isdecimal() else 1
    lines: list[str] = []
    for child in element:
        if not isinstance(child.tag, str) or child.tag in _UNSEEN:
            continue
        text = "\n".join(_blocks(child) if child.tag == "li" else _block(child))
        if not text:
            continue
        if child.tag == "li":
            marker = f"{number}." if element.tag == "ol" else "-"
            number += 1
            first, *rest = text.split("\n")
            lines.append(f"{marker} {first}")
        else:
            rest = text.split("\n")
        lines += [f"  {line}" for line in rest]
    if lines:
        yield "\n".join(lines)


def _definitions(element: Element) -> Iterator[str]:
    """A definition list: each term and what it means in one paragraph."""
    term = ""
    for child in element.iter("dt", "dd"):
        text = "\n".join(_blocks(child))
        if child.tag == "dt":
            if term:
                yield term
            term = text
        else:
            yield f"{term}: {text}" if term else text
            term = ""
    if term:
        yield term


def _table(element: Element) -> Iterator[str]:
    """A pipe table; a cell that spans rows or columns is repeated in each, so that every row reads by itself."""
    captions = [text_of(caption) for caption in element.iterchildren("caption")]
    yield from (f"**{caption}**" for caption in captions if caption)
    rows = [row for row in element.iter("tr") if next(row.iterancestors("table")) is element]
    if any(_is_layout(row) for row in rows):
        for row in rows:
            for cell in row.iterchildren("td", "th"):
                yield from _blocks(cell)
        return
    grid = _grid(rows)
    width = len(grid[0]) if grid else 0
    if width <= 1:
        yield from (row[0].replace(r"\|", "|") for row in grid if any(row))
        return
    lines = [f"| {' | '.join(row)} |" for row in grid if any(row)]
    lines.insert(1, f"|{' --- |' * width}")
    yield "\n".join(lines)


def _is_layout(row: Element) -> bool:
    """Whether a row holds tables or headings, as pages laid out with tables do, and not data."""
    return any(True for _ in row.iter("table", *_HEADINGS))


def _grid(rows: list[Element]) -> list[list[str]]:
    """Cell texts by row and column, each repeated in all the places that it spans, but for a row of one cell."""
    places: dict[tuple[int, int], str] = {}
    for y, row in enumerate(rows):
        x = 0
        cells = list(row.iterchildren("td", "th"))
        for cell in cells:
            while (y, x) in places:
                x += 1
            text, width = _cell(cell), _span(cell, "colspan") if len(cells) > 1 or x else 1
            for below in range(min(_span(cell, "rowspan"), len(rows) - y)):
                places.update({(y + below, x + right): text for right in range(width)})
            x += width
    width = max((x for _, x in places), default=-1) + 1
    return [[places.get((y, x), "") for x in range(width)] for y in range(len(rows))]


def _cell(cell: Element) -> str:
    """A cell in one line: its blocks (paragraphs, items) with `; ` or a space between them."""
    blocks = [_SPACE.sub(" ", block.replace("**", "")).strip() for block in _cell_blocks(cell)]
    text = ""
    for block in blocks:
        joint = "" if not text else " " if text.endswith((".", ";", ":", ",", "!", "?")) else "; "
        text += joint + block
    return text.replace("|", r"\|")


def _cell_blocks(cell: Element) -> Iterator[str]:
    for block in _blocks(cell):
        for line in block.split("\n"):
            yield re.sub(r"^ *(?:- )", "", line)


def _span(cell: Element, name: str) -> int:
    """How many rows or columns a cell takes: 1 to 100, which no real table exceeds."""
    value = cell.get(name, "1").strip()
    return min(max(int(value), 1), 100) if value.isdecimal() else 1
