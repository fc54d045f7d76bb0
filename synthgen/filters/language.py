"""A record in another language than its extract, or with words in another script."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter
from synthgen.filters.evidence import MAX_EVIDENCE, MAX_QUOTE, judged_text, quote
from synthgen.filters.runs import words_of

ENOUGH = 25
"""Words from which on function words tell a language."""

SURE = 0.12
"""Share of a text's words that are function words of its language; running text has 0.3 and more ..."""

AHEAD = 2.0
"""... and this many times as many as of any other language."""

_FUNCTION_WORDS: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "English": "the and of to with for or is are be that should not by from this have has may if was were which",
        "German": "der die das und ist nicht mit von zu den dem ein eine einer bei für auf werden wird sind oder auch",
        "French": "le la les et des du une est dans pour avec pas par sur qui que ou sont au aux être cette doit ne",
        "Spanish": "el la los las y del una es en para con no por se que su como son o al más debe esta pueden",
        "Italian": "il la le e di che è per con non una del della dei nel sono da si gli o al deve essere come",
        "Portuguese": "o a os as e do da dos das é em para com não uma por se que ou no na são ao deve ser",
        "Dutch": "de het een en van is niet met voor op te bij zijn of dat aan wordt worden door kan deze moet",
    }.items()
}
_SCRIPTS: Mapping[str, str] = {
    "Cyrillic": "\u0400-\u052f",
    "Armenian": "\u0530-\u058f",
    "Hebrew": "\u0590-\u05ff",
    "Arabic": "\u0600-\u06ff\u0750-\u077f",
    "Indic": "\u0900-\u0dff",
    "Thai": "\u0e00-\u0e7f",
    "Georgian": "\u10a0-\u10ff",
    "Hangul": "\u1100-\u11ff\uac00-\ud7af",
    "Kana": "\u3040-\u30ff",
    "Han": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff",
}
_FOREIGN = re.compile("|".join(f"(?P<{name}>[{signs}]{{2,}})" for name, signs in _SCRIPTS.items()))
"""A word in a script that is not Latin or Greek, whose letters stand for quantities everywhere."""

_ANY_FOREIGN = re.compile(f"[{''.join(_SCRIPTS.values())}]{{2}}")


class Language(Filter):
    """Rejects `wrong_language` and `foreign_script`.

    The first is told by the function words of another language than the extract's, the second by a word in a script
    that the extract does not use. The lists are closed and know seven languages; whatever they do not tell is kept.
    """

    name = "language"
    codes = {
        "wrong_language": "it is in another language than its source",
        "foreign_script": "it has words in a script that its source does not use",
    }
    order = 55

    def check(self, record: Record, extract: Extract) -> Verdict:
        text = judged_text(record)
        wanted, found = language_of(extract.text), language_of(text)
        if wanted and found and wanted != found:
            whole = {
                "text": text[:MAX_QUOTE],
                "start": 0,
                "end": len(text),
                "language": found,
                "source_language": wanted,
            }
            return Verdict(self.name, keep=False, code="wrong_language", evidence=(whole,))
        evidence = tuple(islice(_foreign(text, extract.text), MAX_EVIDENCE))
        return Verdict(self.name, keep=not evidence, code="foreign_script" if evidence else "", evidence=evidence)


@lru_cache(maxsize=64)
def language_of(text: str) -> str | None:
    """The language that the text's function words speak for; None where they do not say clearly."""
    words, counts = words_of(text).words, words_of(text).counts
    if len(words) < ENOUGH:
        return None
    hits = sorted(
        [
            (sum([counts[word] for word in known & counts.keys()]), language)
            for language, known in _FUNCTION_WORDS.items()
        ],
        reverse=True,
    )
    (most, language), (second, _) = hits[:2]
    return language if most >= SURE * len(words) and most >= AHEAD * second else None


def _foreign(text: str, source: str) -> Iterator[Mapping[str, Any]]:
    if text.isascii() or not _ANY_FOREIGN.search(text):
        return
    used = {match.lastgroup for match in _FOREIGN.finditer(source)}
    for match in _FOREIGN.finditer(text):
        if match.lastgroup not in used:
            yield {**quote(match), "script": match.lastgroup}
