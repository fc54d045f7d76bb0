"""PDF files with a text layer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from ctypes import c_double, c_int, create_string_buffer
from dataclasses import dataclass
from itertools import groupby
from math import hypot
from typing import Any

from synthgen.data import Document, Quarantined
from synthgen.errors import DocumentError
from synthgen.normalise.characters import lowered, normalise_characters, raised, restore_scripts
from synthgen.normalise.clutter import without_links
from synthgen.normalise.text import tidy
from synthgen.recipe import SourceSettings
from synthgen.sources.base import Source, SourceFile
from synthgen.sources.encoding import read_bytes
from synthgen.sources.metadata import from_head
from synthgen.sources.pages.layout import pages_to_markdown
from synthgen.sources.pages.page import MARKER, WIDE_GAP, Cell, Line, Page
from synthgen.sources.pages.running import without_running_lines

_UNSPECIFIED = re.compile(
    r"\(?(?:anonymous|unspecified|untitled|unknown)\)?|Microsoft Word - .*|.*\.(?:docx?|pdf|indd|tex)", re.I
)
_DATE = re.compile(r"D:(\d{4})(\d\d)?(\d\d)?")
_LINE_END_HYPHENS = frozenset((0x02, 0xAD, 0xFFFE))


class PdfSource(Source):
    """Reads `.pdf`: text in reading order, without running headers, footers and page numbers."""

    name = "pdf"
    suffixes = (".pdf",)

    def read(self, file: SourceFile, settings: SourceSettings) -> Iterator[Document | Quarantined]:
        import pypdfium2

        data = read_bytes(file, settings)
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            raise _unreadable(error, file.name) from error
        try:
            pages = [_page(document, index) for index in range(len(document))]
            metadata = {key: normalise_characters(value).strip() for key, value in document.get_metadata_dict().items()}
        finally:
            document.close()
        if not any(line.text.strip() for page in pages for line in page.lines):
            raise DocumentError(
                f"has {len(pages)} pages and no text; it is probably scanned",
                where=file.name,
                fix="run it through text recognition (OCR) first",
            )
        title = metadata.get("Title", "")
        created = _DATE.match(metadata.get("CreationDate", ""))
        markdown = pages_to_markdown(without_running_lines(pages))
        text = tidy(restore_scripts(without_links(normalise_characters(markdown))))
        fields = from_head(text)
        yield Document(
            text=text,
            title="" if _UNSPECIFIED.fullmatch(title) else title,
            source=file.name,
            format=self.name,
            publisher=fields.get("publisher"),
            licence=fields.get("licence"),
            date=fields.get("date") or ("-".join(filter(None, created.groups())) if created else None),
        )


def _unreadable(error: Exception, name: str) -> DocumentError:
    if "password" in str(error).lower():
        return DocumentError("is encrypted and needs a password", where=name, fix="save it without one")
    return DocumentError("is not a PDF, or is damaged", where=name, fix="open it in a viewer, or get it again")


def _page(document: Any, index: int) -> Page:
    page = document[index]
    textpage = page.get_textpage()
    try:
        return Page(page.get_height(), tuple(_lines(textpage)))
    finally:
        textpage.close()
        page.close()


@dataclass(frozen=True, slots=True)
class _Glyph:
    """A character with its left and right edge, its baseline and its size, in points."""

    text: str
    left: float
    right: float
    baseline: float
    size: float


def _lines(textpage: Any) -> Iterator[Line]:
    """The lines of a page in PDFium's order; pieces of one line that PDFium gives one by one are put together."""
    import pypdfium2.raw as pdfium

    previous: Line | None = None
    first, glyphs = 0, list[_Glyph]()
    for index in range(textpage.count_chars() + 1):
        glyph = _glyph(textpage, index) if index < textpage.count_chars() else None
        if glyph and glyph.text not in "\r\n":
            first = first if glyphs else index
            glyphs.append(glyph)
            continue
        if any(not glyph.text.isspace() for glyph in glyphs):
            line = _line(glyphs, bold=_is_bold(textpage, first, pdfium))
            merged = previous and previous.followed_by(line)
            if previous and not merged:
                yield previous
            previous = merged or line
        glyphs = []
    if previous:
        yield previous


def _glyph(textpage: Any, index: int) -> _Glyph:
    import pypdfium2.raw as pdfium

    code = pdfium.FPDFText_GetUnicode(textpage, index)
    left, right, bottom, top, x, y = (c_double() for _ in range(6))
    pdfium.FPDFText_GetCharBox(textpage, index, left, right, bottom, top)
    pdfium.FPDFText_GetCharOrigin(textpage, index, x, y)
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(textpage, index, matrix)
    size = pdfium.FPDFText_GetFontSize(textpage, index) * (hypot(matrix.c, matrix.d) or 1.0)
    text = "-" if code in _LINE_END_HYPHENS else chr(code) if code else ""
    return _Glyph(text, left.value, right.value, y.value, size)


def _is_bold(textpage: Any, index: int, pdfium: Any) -> bool:
    name = create_string_buffer(128)
    pdfium.FPDFText_GetFontInfo(textpage, index, name, len(name), c_int())
    return pdfium.FPDFText_GetFontWeight(textpage, index) >= 600 or b"bold" in name.value.lower()


def _line(glyphs: list[_Glyph], *, bold: bool) -> Line:
    """A line of text: small raised and lowered characters are scripts, wide gaps part cells."""
    inked = [glyph for glyph in glyphs if not glyph.text.isspace()]
    size, baseline = Counter((round(glyph.size, 1), round(glyph.baseline, 1)) for glyph in inked).most_common(1)[0][0]
    cells: list[list[_Glyph]] = [[]]
    right = inked[0].left
    for glyph in glyphs:
        if not glyph.text.isspace():
            marker = len(cells) == 1 and MARKER.fullmatch("".join(glyph.text for glyph in cells[0]).strip())
            if glyph.left - right > WIDE_GAP * size and not marker:
                cells.append([])
            right = glyph.right
        cells[-1].append(glyph)
    return Line(tuple(_cell(cell, size, baseline) for cell in cells if cell), baseline, size, bold)


def _cell(glyphs: list[_Glyph], size: float, baseline: float) -> Cell:
    inked = [glyph for glyph in glyphs if not glyph.text.isspace()]
    text = ""
    for shift, run in groupby(glyphs, key=lambda glyph: _shift(glyph, size, baseline)):
        piece = "".join(glyph.text for glyph in run)
        text += piece if not shift else raised(piece) if shift > 0 else lowered(piece)
    return Cell(text.strip(), inked[0].left, inked[-1].right)


def _shift(glyph: _Glyph, size: float, baseline: float) -> int:
    """1 for a superscript, -1 for a subscript: smaller than the line's type, and off its baseline."""
    if glyph.text.isspace() or glyph.size > 0.85 * size:
        return 0
    rise = glyph.baseline - baseline
    return 1 if rise > 0.15 * size else -1 if rise < -0.05 * size else 0
