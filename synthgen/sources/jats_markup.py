"""The body of a JATS article as the HTML elements that mean the same, and so as Markdown."""

from __future__ import annotations

import re
from typing import Any

from synthgen.normalise.characters import normalise_characters
from synthgen.normalise.markup import text_of, to_markdown
from synthgen.normalise.text import tidy

_PARAGRAPHS = "attrib caption verse-line"
_DIVISIONS = (
    "abstract ack app app-group array boxed-text def-item disp-formula disp-formula-group fig fig-group floats-group"
    " glossary sec speech statement table-wrap table-wrap-foot table-wrap-group trans-abstract verse-group"
)
_LEFT_OUT = (
    "ack alt-text author-notes counts fn-group graphic inline-graphic inline-supplementary-material kwd-group long-desc"
    " media object-id permissions ref-list sec-meta supplementary-material"
)
_HTML_TAGS = {
    "italic": "em",
    "bold": "strong",
    "underline": "u",
    "monospace": "code",
    "break": "br",
    "list-item": "li",
    "disp-quote": "blockquote",
    "preformat": "pre",
    "def-list": "dl",
    "term": "dt",
    "def": "dd",
    **dict.fromkeys(_PARAGRAPHS.split(), "p"),
    **dict.fromkeys(_DIVISIONS.split(), "div"),
}
_SECTIONS = ("sec", "abstract", "trans-abstract", "app", "glossary")
_FLOATS = ("table-wrap", "fig", "boxed-text")
_DROPPED = frozenset(_LEFT_OUT.split())

# Sections about the article, not its subject; older articles have them in the body, without a type.
_ABOUT_THE_ARTICLE = re.compile(
    r"(?:competing|conflicts? of|declaration of) interests?|authors?['’]? contributions?|acknowledge?ments?"
    r"|(?:supplementary|supporting) (?:material|information)|additional (?:files?|data files)|pre-publication history"
    r"|funding|abbreviations used",
    re.IGNORECASE,
)

# A mark for a citation, so that "[3, 4]" and "(5)" go with their brackets once the text is in one piece.
_CITED = "\ue000"
_CITING = re.compile(r"[\s\[\]().,;–-]*\d[\d\s,;–\[\]().-]*[a-z]?[\s\]]*")
_CITATIONS = re.compile(
    r"\s*(?:\[\s*@(?:[\s,;–-]*@)*\s*\]|\(\s*@(?:[\s,;–-]*@)*\s*\)|@(?:[\s,;–-]*@)*)".replace("@", _CITED)
)
_TEX = re.compile(r"\\begin\{document\}(.*)\\end\{document\}", re.DOTALL)


def article_to_markdown(article: Any, title: str) -> str:
    """Title, abstracts, body, appendices and floating tables as normalised Markdown; takes `article` apart.

    Not in it: references and the numbers that cite them, author notes, acknowledgements, pictures (their captions are).
    """
    from lxml import etree

    page = etree.Element("div")
    if title:
        etree.SubElement(page, "h1").text = title
    paths = ("front/article-meta/abstract", "body", "back/app-group", "back/app", "back/glossary", "floats-group")
    for part in [part for path in paths for part in article.findall(path)]:
        if part.tag == "abstract" and part.find("title") is None:
            etree.SubElement(page, "h2").text = "Abstract"
        if part.tag == "body":
            part.tag = "div"
        page.append(part)
    _to_html(page, level=1)
    return tidy(normalise_characters(_CITATIONS.sub("", to_markdown(page))))


def _to_html(element: Any, level: int) -> None:
    """Renames what is in `element`, which stands under a heading of the given level."""
    for child in list(element):
        tag = child.tag
        if tag in _DROPPED or _is_about_the_article(child):
            replace_element(child, "")
            continue
        if _is_citation(child):
            replace_element(child, _CITED)
            continue
        inner = level + (tag in _SECTIONS)
        if tag in _SECTIONS:
            _name_section(child, inner)
        elif tag in _FLOATS:
            _name_float(child)
        elif tag == "fn":
            _flatten(child, " ({})" if element.tag == "p" else "{}")
        elif tag in ("math", "tex-math"):
            _flatten(child, "{}")
        elif tag == "alternatives":
            _choose(child)
        _to_html(child, inner)
        child.tag = _html_tag(child)


def _html_tag(element: Any) -> str:
    tag = element.tag
    if tag == "list":
        return "ol" if element.get("list-type") == "order" else "ul"
    return str(_HTML_TAGS.get(tag, tag))


def _is_about_the_article(element: Any) -> bool:
    title = element.find("title") if element.tag == "sec" else None
    return title is not None and _ABOUT_THE_ARTICLE.fullmatch(text_of(title)) is not None


def _is_citation(element: Any) -> bool:
    """Whether an element is a number, or numbers, of the reference list."""
    if element.tag == "xref":
        return element.get("ref-type") == "bibr" and bool(_CITING.fullmatch("".join(element.itertext())))
    if element.tag != "sup" or element.find("xref[@ref-type='bibr']") is None:
        return False
    return not "".join(element.xpath(".//text()[not(ancestor::xref)]")).strip(" \t\n,;–-[]()")


def _name_section(section: Any, level: int) -> None:
    """Makes a section's title, with its number, a heading."""
    title = section.find("title")
    if title is None:
        return
    label = section.find("label")
    if label is not None:
        title.text = f"{text_of(label)} {title.text or ''}"
        section.remove(label)
    title.tag = f"h{min(level, 6)}"


def _name_float(element: Any) -> None:
    """Makes label and title of a table or figure one bold line above it; a label alone goes before the caption."""
    from lxml import etree

    label = element.find("label")
    titles = [title for title in (element.find("caption/title"), element.find("title")) if title is not None]
    parts = [part for part in (label, *titles[:1]) if part is not None]
    heading = ". ".join(filter(None, (text_of(part).rstrip(".") for part in parts)))
    for part in parts:
        part.getparent().remove(part)
    if not heading:
        return
    bold = etree.Element("bold")
    bold.text = f"{heading}."
    caption = element.find("caption/p")
    if titles or caption is None:
        paragraph = etree.Element("p")
        paragraph.append(bold)
        element.insert(0, paragraph)
    else:
        bold.tail = f" {caption.text or ''}"
        caption.text = None
        caption.insert(0, bold)


def _choose(alternatives: Any) -> None:
    """Leaves one of several forms of the same thing: a table or a formula as text rather than its picture."""
    chosen = next(
        (part for tag in ("table", "tex-math", "math", "textual-form") for part in alternatives.iter(tag)), None
    )
    for part in list(alternatives):
        if part is not chosen:
            alternatives.remove(part)
    alternatives.tag = "div" if chosen is not None and chosen.tag == "table" else "span"


def _flatten(element: Any, form: str) -> None:
    """Makes an element one piece of text: a note in its sentence, a formula."""
    tex = _TEX.search("".join(element.itertext())) if element.tag == "tex-math" else None
    text = tex[1].strip().strip("$").strip() if tex else text_of(element)
    tail = element.tail
    element.clear()
    element.text, element.tail = form.format(text), tail
    element.tag = "p" if element.tag == "fn" and form == "{}" else "span"


def replace_element(element: Any, text: str) -> None:
    """Puts `text` in the place of an element."""
    parent, previous = element.getparent(), element.getprevious()
    text += element.tail or ""
    if previous is None:
        parent.text = (parent.text or "") + text
    else:
        previous.tail = (previous.tail or "") + text
    element.tail = None
    parent.remove(element)
