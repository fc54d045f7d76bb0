"""Characters and scripts that say one thing in several ways, brought to one way."""

from __future__ import annotations

import re
import unicodedata

_RAISED = str.maketrans("0123456789+-−–=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-−–=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎")
_TRANSLATABLE = re.compile(r"[0-9+\-−–=()]+")
_RAISED_AS_IT_IS = re.compile(r"st|nd|rd|th|[®™©℠*†‡§¶#]+")

# Word processors write glyphs of the Symbol font as U+F000 plus their code in Adobe's Symbol encoding, and the bullets
# of Wingdings likewise.
_SYMBOL_FONT = {
    0xF044: "Δ",
    0xF061: "α",
    0xF062: "β",
    0xF064: "δ",
    0xF067: "γ",
    0xF06D: "μ",
    0xF0A3: "≤",
    0xF0AD: "↑",
    0xF0AE: "→",
    0xF0AF: "↓",
    0xF0B0: "°",
    0xF0B1: "±",
    0xF0B3: "≥",
    0xF0B4: "×",
    0xF0B9: "≠",
    0xF0BB: "≈",
    **dict.fromkeys((0xF076, 0xF0A1, 0xF0A7, 0xF0A8, 0xF0B7, 0xF0D8, 0xF0FC), "•"),
}
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_SPACES = dict.fromkeys((0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " ")
_INVISIBLE = dict.fromkeys((0xAD, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF))
_NO_CHARACTERS = dict.fromkeys((*range(0xFDD0, 0xFDF0), 0xFFFE, 0xFFFF))
_CONTROLS = dict.fromkeys((*range(0x09), *range(0x0E, 0x20), *range(0x7F, 0xA0)))
_LINE_ENDS = dict.fromkeys((0x0B, 0x0C, 0x85, 0x2028, 0x2029), "\n")
_ONE_WAY = {**_SYMBOL_FONT, **_LIGATURES, **_SPACES, **_INVISIBLE, **_NO_CHARACTERS, **_CONTROLS, **_LINE_ENDS}

_SURROGATES = re.compile("[\ud800-\udfff]+")

# Zero-width joiners are spelling in Arabic and Indic scripts (U+0600 to U+109F) and noise elsewhere.
_STRAY_JOINER = re.compile("(?<![\u0600-\u109f])[\u200c\u200d]")

# Converters leave what was raised or lowered between double spaces: "kg/m  2  and", "[PaO  2  ]", "HbSβ  +  -thal".
# The bases are few on purpose: two columns of numbers look the same.
_LOST_RAISED = re.compile(
    r"((?:/|1\.73 ?)[cm]?m|β|Ca|Na|\b10(?= {2}\d{1,2} {2}/)) {2}\\?([23]|[+\-−]|2\\?\+|\d{1,2}) {2}"
)
_LOST_LOWERED = re.compile(r"\b(SaO|PaO|SpO|FiO|PaCO|PCO|pCO|[Ee]tCO|VO) {2}(2) {2}")
_NO_SPACE_BEFORE = re.compile(r"[\])}.,;:/\-]|$")


def normalise_characters(text: str) -> str:
    """NFC, `\\n` line ends and plain spaces; no control or invisible characters, ligatures or Symbol-font codes.

    NFC and not NFKC, which would turn 10⁹ into 109 and m² into m2.
    """
    text = _SURROGATES.sub(_pair, text.replace("\r\n", "\n").replace("\r", "\n").translate(_ONE_WAY))
    return unicodedata.normalize("NFC", _STRAY_JOINER.sub("", text))


def _pair(match: re.Match[str]) -> str:
    """UTF-16 halves as the characters that they stand for; a half by itself as U+FFFD."""
    return match[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def raised(text: str) -> str:
    """Superscript text as it stands in a line: `2` as `²`, `th` and `®` unchanged, anything else after a `^`."""
    text = text.strip()
    if _TRANSLATABLE.fullmatch(text) or text == "n":
        return text.translate(_RAISED)
    if not text or _RAISED_AS_IT_IS.fullmatch(text):
        return text
    return f"^{text}" if re.fullmatch(r"[\w.]+", text) else f"^({text})"


def lowered(text: str) -> str:
    """Subscript text as it stands in a line: `2` as `₂`, anything else unchanged (HbA1c, Cmax)."""
    text = text.strip()
    return text.translate(_LOWERED) if _TRANSLATABLE.fullmatch(text) else text


def restore_scripts(text: str) -> str:
    """Superscripts and subscripts that a converter left between double spaces, back where they were."""

    def put_back(match: re.Match[str]) -> str:
        script = raised if match.re is _LOST_RAISED else lowered
        space = "" if _NO_SPACE_BEFORE.match(text, match.end()) else " "
        return match[1] + script(match[2].replace("\\", "")) + space

    text = _LOST_RAISED.sub(put_back, text)
    return _LOST_LOWERED.sub(put_back, text)
