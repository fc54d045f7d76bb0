"""A closed-book probe by rules: sentences of held-out extracts with a quantity, drug, comparator or strength taken out.

The teacher never saw these extracts, and no question goes through a model, so that no teacher's style helps an arm.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from synthgen.ablation.tasks import Question, Task, chosen_of, in_letters
from synthgen.claims.technical import is_drug
from synthgen.data import Extract
from synthgen.extractive import topics
from synthgen.extractive.choice import Choice
from synthgen.extractive.grammar import GRADE, is_sentence, leans
from synthgen.extractive.options import GAP
from synthgen.extractive.quantities import Quantity, changed, quantities
from synthgen.extractive.statements import Statement, statements
from synthgen.extracts.sentences import sentences
from synthgen.tokens import Tokenizer

Kind = Literal["quantity", "drug", "comparator", "strength"]
CLOZE, CHOICE = "probe_cloze", "probe_choice"
"""The measures: gaps filled by likelihood, and the same gaps with the fillings listed and a letter as the answer."""
OPTIONS = 4
_SHORTEST, _LONGEST = 8, 60
"""Words of a sentence that is asked about."""
_LEAST_SALIENT = 3
_OFTEN = 3
"""Questions to which one drug is the answer."""
_PAIRS: Mapping[Kind, tuple[tuple[str, str], ...]] = {
    "comparator": (
        ("at least", "at most"),
        ("more than", "less than"),
        ("higher", "lower"),
        ("older", "younger"),
        ("above", "below"),
        ("before", "after"),
        ("increase", "decrease"),
        ("increased", "decreased"),
        ("≥", "≤"),
        (">", "<"),
    ),
    "strength": (
        ("should", "may"),
        ("recommends", "suggests"),
        ("recommend", "suggest"),
        ("recommended", "suggested"),
    ),
}
"""Words that fit into each other's place and say something else there."""
_KINDS: tuple[Kind, ...] = ("drug", "quantity", "comparator", "strength")
"""Of two gaps in one sentence the earlier kind is asked: it takes more knowledge and less grammar."""
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class _Gap:
    """`before` and `rest` are what stands around a gap, `right` its filling and `wrong` others, the best first."""

    doc_id: str
    kind: Kind
    before: str
    right: str
    rest: str
    wrong: tuple[str, ...]

    @property
    def item_id(self) -> str:
        digest = hashlib.sha256(f"{self.before}\n{self.rest}".encode("utf-8", "replace")).hexdigest()
        return f"{self.doc_id}:{self.kind}:{digest[:8]}"


@dataclass(frozen=True, slots=True)
class _Stock:
    """Where wrong fillings come from: the drugs of each document, and under the empty id of all, and the numbers with
    each unit, as often as sentences have them."""

    drugs: Mapping[str, Sequence[str]]
    values: Mapping[str, Sequence[str]]


def make_probe(extracts: Iterable[Extract], tokenizer: Tokenizer, *, items: int | None = None) -> list[Task]:
    """The probe on `extracts`, which should be those of the held-out documents only: `probe_cloze` and `probe_choice`.

    Both ask the same: one gap a sentence, in a sentence that can be understood under its topic, with two to four
    fillings of the same form and the same length in tokens. Right fillings stand at each place equally often, and
    neither the usual word nor the usual number is a good guess. At most `items` questions, always the same; all with
    None. No task where nothing can be asked.
    """
    found = sorted(extracts, key=lambda extract: extract.extract_id)
    asked = {text: entry for extract in found for text, entry in _sentences(extract)}
    stock = _Stock(_drugs_of(found), _values_of(asked))
    gaps = [gap for text, (doc_id, head) in asked.items() for gap in _gaps(text, doc_id, head, stock)]
    fitting = [fitted for gap in gaps if (fitted := _fitted(gap, tokenizer)) is not None]
    questions = chosen_of(_placed(_unpredictable(_one_a_sentence(fitting))), items, "probe")
    if not questions:
        return []
    return [Task(CLOZE, "plain", questions), Task(CHOICE, "letters", tuple(map(_as_choice, questions)))]


def _sentences(extract: Extract) -> Iterator[tuple[str, tuple[str, str]]]:
    """The sentences of an extract that can be asked about, each with its document and the topic it needs before it.

    They come without a grade at the end, which would tell "recommends" from "suggests".
    """
    for statement in statements(extract):
        if statement.salience < _LEAST_SALIENT or statement.cells:
            continue
        bare = GRADE.sub("", statement.bare).rstrip()
        for text in [bare] if statement.lead or not statement.whole else sentences(bare):
            if _SHORTEST <= len(text.split()) <= _LONGEST and is_sentence(text) and not leans(text):
                yield text, (extract.doc_id, _head(statement, text))


def _head(statement: Statement, text: str) -> str:
    """The names above a sentence that it does not say itself."""
    title = topics.title(needed) if (needed := topics.missing(statement.names, text)) else ""
    return f"{title}: " if title else ""


def _values_of(texts: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in sorted(texts):
        for quantity in quantities(text):
            found.setdefault(quantity.unit, []).append(_number(quantity))
    return found


def _drugs_of(extracts: Sequence[Extract]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {"": set()}
    for extract in extracts:
        drugs = {word for word in map(str.lower, _WORD.findall(extract.text)) if is_drug(word)}
        found.setdefault(extract.doc_id, set()).update(drugs)
        found[""] |= drugs
    return {doc_id: tuple(sorted(drugs)) for doc_id, drugs in found.items()}


def _gaps(text: str, doc_id: str, head: str, stock: _Stock) -> Iterator[_Gap]:
    """All gaps of one sentence; each filling stands in it once, behind a space."""
    found = [*_quantity_gaps(text, stock.values), *_drug_gaps(text, doc_id, stock.drugs), *_word_gaps(text)]
    for start, right, kind, wrong in found:
        before, rest = head + text[:start], text[start + len(right) :]
        if before.endswith(" ") and len(re.findall(rf"(?<!\w){re.escape(right)}(?!\w)", text)) == 1:
            yield _Gap(doc_id, kind, before.rstrip(), right, rest, tuple(wrong))


def _quantity_gaps(text: str, values: Mapping[str, Sequence[str]]) -> Iterator[tuple[int, str, Kind, Sequence[str]]]:
    """Gaps at numbers; the wrong ones are what other sentences say in this unit, then near ones.

    So a value that is often right is often wrong as well, and no round number is the better guess.
    """
    choice = Choice("probe", text)
    for quantity in quantities(text):
        right = _number(quantity)
        near = [other.removesuffix(quantity.tail) for other in changed(quantity) if other.endswith(quantity.tail)]
        others = dict.fromkeys([*choice.order(f"{quantity.start}", values[quantity.unit]), *near])
        wrong = [other for other in others if _shape(other) == _shape(right) and not _said(other, text)]
        yield quantity.start, right, "quantity", wrong


def _number(quantity: Quantity) -> str:
    """What is taken out: the number alone, so that no unit and no plural tells."""
    return quantity.text.removesuffix(quantity.tail)


def _shape(number: str) -> str:
    """What a number or range looks like."""
    return re.sub(r"\d", "0", number)


def _said(words: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) is not None


def _drug_gaps(
    text: str, doc_id: str, named: Mapping[str, Sequence[str]]
) -> Iterator[tuple[int, str, Kind, Sequence[str]]]:
    """Gaps at drugs; the wrong ones are others of the document, then of all documents, that it does not name."""
    said, choice = text.lower(), Choice("probe", text)
    for match in _WORD.finditer(text):
        if match[0].islower() and is_drug(match[0]):
            near, far = (choice.order(match[0], named[key]) for key in (doc_id, ""))
            wrong = [drug for drug in dict.fromkeys([*near, *far]) if drug not in said]
            yield match.start(), match[0], "drug", wrong


def _word_gaps(text: str) -> Iterator[tuple[int, str, Kind, Sequence[str]]]:
    for kind, pairs in _PAIRS.items():
        for right, wrong in (turned for pair in pairs for turned in (pair, pair[::-1])):
            for match in re.finditer(rf"(?<!\S){re.escape(right)}(?![\w-])", text):
                yield match.start(), right, kind, [wrong]


def _fitted(gap: _Gap, tokenizer: Tokenizer) -> _Gap | None:
    """The gap with only those wrong fillings that make the sentence as long in tokens; None where there is none."""
    right, *wrong = (
        len(ids)
        for ids in tokenizer.encode_batch([f"{gap.before} {text}{gap.rest}" for text in (gap.right, *gap.wrong)])
    )
    same = tuple(text for text, length in zip(gap.wrong, wrong, strict=True) if length == right)
    return _Gap(gap.doc_id, gap.kind, gap.before, gap.right, gap.rest, same[: OPTIONS - 1]) if same else None


def _one_a_sentence(gaps: Iterable[_Gap]) -> list[_Gap]:
    """One gap of each sentence: two of one sentence would be nearly the same question."""
    by_sentence: dict[str, list[_Gap]] = {}
    for gap in gaps:
        by_sentence.setdefault(f"{gap.before} {gap.right}{gap.rest}", []).append(gap)
    chosen = []
    for text, found in by_sentence.items():
        first = min((gap.kind for gap in found), key=_KINDS.index)
        chosen.append(Choice("probe").pick(text, [gap for gap in found if gap.kind == first]))
    return chosen


def _unpredictable(gaps: Sequence[_Gap]) -> list[_Gap]:
    """With as many gaps at each word of a pair as at the other, for guidelines say "should" far more often than "may",
    and with few at each drug, for a guideline on one drug names no other as often."""
    kept = [gap for gap in gaps if gap.kind == "quantity"]
    for drug in sorted({gap.right.lower() for gap in gaps if gap.kind == "drug"}):
        found = sorted((gap for gap in gaps if gap.right.lower() == drug), key=lambda gap: gap.item_id)
        kept += Choice("probe").order(drug, found)[:_OFTEN]
    for pair in (pair for pairs in _PAIRS.values() for pair in pairs):
        own = [sorted((gap for gap in gaps if gap.right == word), key=lambda gap: gap.item_id) for word in pair]
        for word, found in zip(pair, own, strict=True):
            kept += Choice("probe").order(word, found)[: min(map(len, own))]
    return kept


def _placed(gaps: Iterable[_Gap]) -> list[Question]:
    """Questions whose right options take each place in turn, in an order that has nothing to do with the text."""
    choice, turns = Choice("probe"), Counter[int]()
    questions = []
    for gap in choice.order("turns", sorted(gaps, key=lambda gap: gap.item_id)):
        place = turns[len(gap.wrong)] % (len(gap.wrong) + 1)
        turns[len(gap.wrong)] += 1
        wrong = choice.order(gap.item_id, gap.wrong)
        options = (*wrong[:place], gap.right, *wrong[place:])
        questions.append(Question(gap.item_id, gap.before, options, place, gap.rest))
    return questions


def _as_choice(question: Question) -> Question:
    asked = f"Question: Which words fill the gap? {question.prompt} {GAP}{question.rest}\nAnswer:"
    return in_letters(Question(question.item_id, asked, question.options, question.gold))
