"""What Markdown made from web pages carries that is not the document: link targets, images, navigation, HTML tags."""

from __future__ import annotations

import html
import re

from synthgen.normalise.characters import lowered, raised
from synthgen.normalise.markup import html_to_markdown

_INLINE = "a abbr b big center cite code em font i ins mark q s small span strike strong sub sup tt u"
_BLOCK = "address article blockquote div dl h[1-6] ol p section table ul"
_OTHER = "br caption col colgroup dd dt hr img li tbody td tfoot th thead tr"
_ATTRIBUTES = r"""(?:\s+[a-zA-Z_:][\w:.-]*\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))*\s*/?"""
_ALL_NAMES = "|".join(f"{_INLINE} {_BLOCK} {_OTHER}".split())

_NEVER_CLOSED = frozenset(("br", "col", "hr", "img", "p", "li", "tr", "td", "th"))

_TAG = re.compile(rf"</?({_ALL_NAMES}){_ATTRIBUTES}>", re.IGNORECASE)
_CLOSING_TAG = re.compile(rf"</({_ALL_NAMES})\s*>", re.IGNORECASE)
_BLOCK_NAME = re.compile(rf"{'|'.join(_BLOCK.split())}|li|tr")
_BLOCK_TAG = re.compile(rf"<(/?)({'|'.join(_BLOCK.split())}){_ATTRIBUTES}>", re.IGNORECASE)
_SCRIPT = re.compile(rf"<(su[pb]){_ATTRIBUTES}>([^<>]*)</\1\s*>", re.IGNORECASE)
_BREAK = re.compile(rf"[ \t]*<br{_ATTRIBUTES}>[ \t]*", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_BARE_BRACKET = re.compile(rf"<(?!/?(?:{_ALL_NAMES}){_ATTRIBUTES}>)", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[a-zA-Z][a-zA-Z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});")

_LABEL = r"(?:\\.|[^\[\]\\\n]|\[[^\[\]\n]*\])*"
_TARGET = (
    r"""\(\s*(?:<[^<>\n]*>|[^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*)"""
    r"""(?:\s+(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'))?\s*\)"""
)
_IMAGE = re.compile(rf"!\[{_LABEL}\](?:{_TARGET}|\[[^\[\]\n]*\])")
_LINK = re.compile(rf"(?<!\\)\[({_LABEL})\]{_TARGET}")
_CITATION = re.compile(r"(?<!\\)\[\s*(?:\\?\[)?[\d\s,;–-]+(?:\\?\])?\s*\]\(#[^)\s]*\)")
_CONTENTS_LINE = re.compile(rf"^[ \t]*(?:[-*+]|\d+[.)])[ \t]+\[{_LABEL}\]\(#[^)\s]*\)[ \t]*$\n?", re.MULTILINE)
_DEFINITION = re.compile(r"^ {0,3}\[([^\[\]\n]+)\]:[ \t]+\S+(?:[ \t]+[\"'(].*[\"')])?[ \t]*$\n?", re.MULTILINE)
_REFERENCE = re.compile(rf"(?<!\\)\[({_LABEL})\]\[([^\[\]\n]*)\]")
_AUTOLINK = re.compile(r"<((?:https?|ftp)://[^\s<>]+|mailto:[^\s<>]+|[\w.+-]+@[\w-]+\.[\w.-]+)>")
_NAVIGATION = re.compile(
    r"^[ \t>*+\-|↑⇧^\[]*(?:(?:back|return|go) to (?:the )?(?:top|contents|table of contents)|top of page"
    r"|(?:skip|jump) to (?:main )?(?:content|navigation)|(?:print|share|e-?mail) this page|(?:next|previous) page"
    r"|home[ \t]*[>»›][^\n]{0,200})[ \t\].|↑⇧^*]*$\n?",
    re.IGNORECASE | re.MULTILINE,
)
_ESCAPE = re.compile(r"\\([()\[\]{}+.!<>&~^=\-])")


def without_links(text: str) -> str:
    """`text` with the words of its links in the place of the links; no images, contents lists, navigation lines.

    What goes for good: targets and titles of links, images with their alternative text, list items that only link into
    the same page, numbers that link into the same page (citation marks), and lines such as "Back to top".
    """
    text = _CONTENTS_LINE.sub("", _CITATION.sub("", _IMAGE.sub("", text)))
    text = _LINK.sub(lambda match: match[1].strip(), text)
    names = {match[1].lower() for match in _DEFINITION.finditer(text)}
    if names:
        text = _DEFINITION.sub("", text)
        text = _REFERENCE.sub(lambda m: m[1] if (m[2] or m[1]).lower() in names else m[0], text)
    text = _AUTOLINK.sub(lambda match: match[1].removeprefix("mailto:"), text)
    return without_navigation(text)


def without_navigation(text: str) -> str:
    """`text` without the lines that only help a reader to move about a site, such as "Back to top"."""
    return _NAVIGATION.sub("", text)


def without_tags(text: str) -> str:
    """Markdown without HTML: blocks become Markdown, scripts characters, entities what they stand for.

    Only names that HTML has are tags, and only where they are closed as well, so "INR < 2 or > 3", "age <3 years"
    and "a<b>c" stay as they are.
    """
    text = _convert_blocks(_COMMENT.sub("", text))
    text = _SCRIPT.sub(lambda match: (raised if match[1].lower() == "sup" else lowered)(match[2]), text)
    text = "\n".join(_BREAK.sub(" " if line.lstrip().startswith("|") else "\n", line) for line in text.split("\n"))
    closed = {match[1].lower() for match in _CLOSING_TAG.finditer(text)} | _NEVER_CLOSED

    def replacement(match: re.Match[str]) -> str:
        name = match[1].lower()
        return match[0] if name not in closed else "\n" if _BLOCK_NAME.fullmatch(name) else ""

    text = _TAG.sub(replacement, text)
    text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    return _ESCAPE.sub(r"\1", text)


def _convert_blocks(text: str) -> str:
    """HTML blocks in Markdown, each from its opening tag to the closing tag that matches, as Markdown.

    A block that is never closed is left to be stripped of its tags.
    """
    tags = list(_BLOCK_TAG.finditer(text))
    parts: list[str] = []
    unclosed: set[str] = set()
    position = index = 0
    while index < len(tags):
        name = tags[index][2].lower()
        end = None if tags[index][1] or name in unclosed else _closing(tags, index)
        if end is not None:
            parts += [text[position : tags[index].start()], "\n\n"]
            position = tags[end].end()
            parts += [_block_to_markdown(text[tags[index].start() : position]), "\n\n"]
            index = end
        elif not tags[index][1]:
            unclosed.add(name)
        index += 1
    return "".join(parts) + text[position:]


def _closing(tags: list[re.Match[str]], opening: int) -> int | None:
    depth = 0
    for index in range(opening, len(tags)):
        if tags[index][2].lower() == tags[opening][2].lower():
            depth += -1 if tags[index][1] else 1
            if not depth:
                return index
    return None


def _block_to_markdown(block: str) -> str:
    """The block's Markdown, its special characters escaped again, since entities are decoded later, once."""
    return html.escape(html_to_markdown(_BARE_BRACKET.sub("&lt;", block)), quote=False)
