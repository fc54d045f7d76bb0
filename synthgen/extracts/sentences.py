"""Sentences of clinical Markdown text, by rule.

Lines that are a unit by themselves (headings, table rows) are one sentence each, list items begin one, and a full
stop ends one unless it belongs to an abbreviation, an initial, a list marker or a decimal number.
"""

from __future__ import annotations

import re

# A run of stops with its closing quotes and brackets, a reference mark set behind it ("harm.12", "harm.[3,4]",
# "harm.^5^"), and a grade in brackets, which belongs to the sentence that it grades. All repeats are bounded or
# start where no other match can, so that the scan is linear.
_BREAK = re.compile(
    r"""
    \n\s*
    | [。！？]["”’»」』)\]]{0,4}
    | (?P<stop>(?<![.!?…])[.!?…]++)
      ["'”’»)\]*_]{0,6}
      (?: (?<=[a-z)%][.!?])\d{1,3}(?:[,–-]\d{1,3}){0,8}
        | \[\d{1,3}(?:[,–-]\s?\d{1,3}){0,8}\]
        | \^[^\s^]{1,40}\^ )?
      (?: [ ]{0,2}[(\[][ ]?[*_]{0,2}
          (?: (?:grades?|levels?|strength|strong|weak|conditional|class|category|evidence|quality|loe|sor|moderate
              |good\ practice|recommendation|consensus|expert\ (?:opinion|consensus))\b
            | [IV]{0,3}[ABCD]?(?=[\s*_,;)\]]) )
          [^()\[\]\n]{0,100}[)\]]\.?["'”’»)\]*_]{0,4} )?
      (?=\s|\Z)
    """,
    re.VERBOSE | re.IGNORECASE,
)
NARROWEST, WIDEST = 50, 130
"""Characters of a line that was broken at a margin: one that is wider was not, nor one that a wider one follows."""
_SPACE = re.compile(r"\s*")
# A long line behind "#" is a paragraph that a converter took for a heading.
_WHOLE_LINE = re.compile(r"[ \t]{0,12}(?:\||#{1,6}[ \t].{0,160}$)", re.MULTILINE)
_MARKER = re.compile(r"(?:[-*+•‣▪◦·–—>|]|#{1,6}|\(?(?:\d{1,3}(?:\.\d{1,3}){0,4}|[A-Za-z]|[ivxIVX]{1,5})[.)])\s|\|")
_ONLY_LABEL = re.compile(
    r"[\s#>*+_\-•(|]{0,12}(?:(?:Recommendation|Statement|Question|Step|Table|Figure|Box|Section|Chapter|Appendix|KQ)\s)?"
    r"(?:\d{1,3}(?:\.\d{1,3}){0,4}|[A-Za-z]|[ivxIVX]{1,5})[a-z]?"
)
_LAST_WORD = re.compile(r"([^\s(\[/|,;:“\"*_]+)\Z")
_FIRST_WORD = re.compile(r"[\W_]{0,4}([^\W\d_]*)(?!\.)")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NEVER_LAST = _words("""
    e.g eg i.e ie vs cf viz approx ca fig figs tab eq eqs ref refs sec sect ch vol vols pp p ed eds
    dr drs mr mrs ms prof st rev hon gen messrs mme incl excl esp resp nos univ
""")
_SELDOM_LAST = _words("""
    inc ltd co corp bros llc al etc no jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri
    wt ht temp max sp spp subsp var ser suppl ph.d ed.d dept dist assn ave blvd rd
""")
_STARTERS = _words("""
    a all also although among an any as at because before both but by clinicians consider do each evidence for from
    further given he her his how however if in initial it its more most no not on one only other our patients
    physicians providers recommendation recommendations several she since some studies such that the their then there
    therefore these they this those though thus to treatment under until use we what when where whether which while
    who with within you
""")
_LETTERED = _words("""
    vitamin vitamins hepatitis type grade level class group category influenza stage arm factor phase recommendation
    strain evidence quality option
""")


def spans(text: str) -> list[tuple[int, int]]:
    """Sentence spans `[start, end)` that tile `text`: white space after a sentence belongs to it, and white space
    at the very beginning to the first one. Empty for the empty text."""
    found: list[tuple[int, int]] = []
    start, line = 0, 0
    whole_line = _WHOLE_LINE.match(text) is not None
    for match in _BREAK.finditer(text):
        end = _after_space(text, match.end())
        if text[match.start()] == "\n":
            ends = whole_line or _newline_ends(text, line, match.start(), match.end())
            line = text.rfind("\n", match.start(), match.end()) + 1
            whole_line = _WHOLE_LINE.match(text, line) is not None
        else:
            ends = not whole_line and (not match["stop"] or _stop_ends(text, start, match, end))
        if ends and end > start and (found or not text[start:end].isspace()):
            found.append((start, end))
            start = end
    if start < len(text):
        found.append((start, len(text)))
    return found


def sentences(text: str) -> list[str]:
    """The sentences of `text`, stripped of white space, without empty ones."""
    return [sentence for start, end in spans(text) if (sentence := text[start:end].strip())]


def _after_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _newline_ends(text: str, line: int, newline: int, after: int) -> bool:
    """Whether the line break at `newline`, and the white space up to `after`, part sentences."""
    if after == len(text) or text.count("\n", newline, after) > 1:
        return True
    if text.find("\n", after, after + WIDEST) < 0 and after + WIDEST < len(text) and not text[after].islower():
        return True
    return not wrapped(text[line:newline], text[after : after + 40])


def wrapped(line: str, following: str) -> bool:
    """Whether `following` goes on with the sentence of the line before it, which was broken only at the margin."""
    line, following = line.rstrip(), following.lstrip()
    if not line or not following or line.endswith(":") or _MARKER.match(following):
        return False
    if following[0].islower():
        return line[-1] not in ".!?" or len(line) <= WIDEST
    return NARROWEST <= len(line) <= WIDEST or line.endswith((",", "-", "–"))


def _stop_ends(text: str, start: int, match: re.Match[str], after: int) -> bool:
    """Whether the stop that `match` found ends the sentence begun at `start`; `after` is where the next would begin."""
    if after == len(text):
        return True
    if text[after].islower():
        return _MARKER.match(text, after) is not None
    stop = match.start()
    if match["stop"] != ".":
        return True
    if stop - start <= 40 and _ONLY_LABEL.fullmatch(text, start, stop):
        return False
    found = _LAST_WORD.search(text[max(start, stop - 24) : stop])
    word = found[1] if found else ""
    if match.end() > stop + 1 and text[stop + 1] in ")]":
        return word.lower() not in _NEVER_LAST
    return _word_ends(word, text[max(start, stop - 40) : stop - len(word)], text, after)


def _word_ends(word: str, before: str, text: str, after: int) -> bool:
    """Whether `word` with a stop behind it is the last of a sentence, and not an abbreviation, initial or marker."""
    low = word.lower()
    if low in _NEVER_LAST:
        return False
    if word.isdigit():
        listed = before.rstrip().endswith((":", ";"))
        return not listed and not (word == "0" and text[after].isdigit())
    first = _FIRST_WORD.match(text, after)
    starts = first is not None and first[1].lower() in _STARTERS
    if len(word) == 1 and word.isalpha():
        previous = before.split()
        return starts or (bool(previous) and previous[-1].lower() in _LETTERED)
    dotted = "." in word and all(len(part) <= 2 and part.isalpha() for part in word.split("."))
    if low == "no":
        return not text[after].isdigit()
    return starts if dotted or low in _SELDOM_LAST else True
