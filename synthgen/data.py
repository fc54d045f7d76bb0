"""The nouns of synthgen: frozen data, apart from all behaviour.

Identifiers are content hashes, so the same input gives the same ids on every host and in every process.
Offsets are character offsets (Python `str` indices) into `Document.text`, half-open `[start, end)`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

Kind = Literal["text", "qa", "mcq", "dialogue"]
Message = Mapping[str, str]
"""A chat message: `{"role": "system" | "user" | "assistant", "content": str}`."""

ErrorClass = Literal["retryable", "rejected", "fatal"]
"""retryable: may work later. rejected: this request never will. fatal: no request of this teacher will."""

Outcome = Literal["kept", "rejected", "failed"]


@dataclass(frozen=True)
class Document:
    """One guideline, normalised to Markdown text.

    `source` is the path relative to the source root that was given (with `#N` for row N of a table file),
    so that it does not depend on the machine. `doc_id` is the first 12 hex digits of the SHA-256 of `text`.
    """

    text: str
    title: str
    source: str
    format: str
    publisher: str | None = None
    licence: str | None = None
    date: str | None = None
    url: str | None = None

    @cached_property
    def doc_id(self) -> str:
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A document (or a row of one) that was not used, and why. `code` is a short stable word."""

    source: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Extract:
    """A contiguous piece of a document: `text == document.text[start:end]`. `title`, `licence`: the document's."""

    doc_id: str
    start: int
    end: int
    text: str
    tokens: int
    title: str = ""
    headings: tuple[str, ...] = ()
    licence: str | None = None

    @property
    def extract_id(self) -> str:
        return f"{self.doc_id}:{self.start}-{self.end}"


@dataclass(frozen=True, slots=True)
class Drop:
    """A span of a document that is in no extract, and why. `code` is a short stable word such as `repeated`."""

    doc_id: str
    start: int
    end: int
    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Transformation:
    """A named, versioned instruction that turns an extract into one kind of training text.

    Fields are those of the front matter of `synthgen/prompts/*.md`; see `docs/transformations.md`. `evidence` says what
    is known about its worth for training.
    `schema` is the JSON Schema of the answer, or None where the answer is plain text.
    `layout` says what a plain-text answer looks like. `expected_ratio`
    is the expected length of an answer in tokens for each token of the extract. `vary` maps an axis to its values.
    `ask` holds instructions of ours that the answer could stand under, for training text in a form with instructions;
    no teacher sees them.
    """

    name: str
    version: int
    kind: Kind
    summary: str
    instruction: str
    schema: Mapping[str, Any] | None = None
    layout: Literal["prose", "list"] = "prose"
    sampling: Mapping[str, Any] = field(default_factory=dict)
    needs: str | None = None
    expected_ratio: float = 0.6
    vary: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    evidence: str = ""
    ask: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """Extract x transformation x teacher x sample index.

    `payload` is the canonical wire payload (model, messages, sampling, response_format). `request_id` is the
    SHA-256, in hex, of payload + teacher identity + sample index; made by `synthgen.planning.request_id`.
    """

    request_id: str
    extract: Extract
    transformation: Transformation
    teacher: str
    sample: int
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the teacher counted them; 0 where it did not say. `cached` is the part of `prompt` read from cache."""

    prompt: int = 0
    completion: int = 0
    cached: int = 0


@dataclass(frozen=True, slots=True)
class CompletionError:
    """Why there is no answer. `code` is a short stable word (`timeout`, `rate_limit`, `http_500` ...)."""

    error_class: ErrorClass
    code: str
    message: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """What came back for a request: the text exactly as sent, or the error.

    `finish_reason` is the teacher's word (`stop`, `length`, `content_filter` ...); `declined` is the extractive
    teacher's for an extract that does not hold what the transformation needs. `latency` is in seconds. `usd` is what
    all attempts together were charged at the teacher's prices, 0 where those are unknown.
    """

    request_id: str
    text: str = ""
    finish_reason: str | None = None
    usage: Usage = Usage()
    latency: float = 0.0
    attempts: int = 1
    usd: float = 0.0
    error: CompletionError | None = None

    @property
    def answered(self) -> bool:
        return self.error is None

    @property
    def settled(self) -> bool:
        """Whether asking again is pointless: answered, or refused for good."""
        return self.error is None or self.error.error_class == "rejected"


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model as its teacher describes it; None where it does not say.

    `root` is the checkpoint that really runs, `max_model_len` the most tokens that prompt and answer may have together.
    """

    model: str
    root: str | None = None
    max_model_len: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A filter's judgement: keep, or reject with a reason code.

    `evidence` holds the offending words and their offsets in the record, and in the extract where they belong to some
    of its: `{"text": str, "start": int, "end": int, "source": {...}, ...}`. What was left out has a `source` only, and
    where `grounding` found each statement stands in kept records as well, without `text`.
    """

    filter: str
    keep: bool
    code: str = ""
    score: float | None = None
    evidence: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """One training sample parsed from a completion, with its provenance.

    `raw` is the completion's text, untouched. `content` is what the parser made of it: for `text` kinds
    `{"text": str}`, else the JSON shape of the kind; None where the answer could not be parsed, and then
    `parse_error` says why. `text` is the content as plain text, which the filters judge, empty where there is no
    content. `tokens` is the length of the training text, which is `text` in the recipe's form (`records.forms`), with
    the recipe's tokenizer. `ask` is the instruction of ours that a `text` or a `dialogue` answers in such a form.
    """

    record_id: str
    extract_id: str
    transformation: str
    version: int
    kind: Kind
    teacher: str
    sample: int
    raw: str
    finish_reason: str | None
    content: Mapping[str, Any] | None = None
    parse_error: str | None = None
    text: str = ""
    tokens: int = 0
    ask: str = ""

    @property
    def doc_id(self) -> str:
        return self.extract_id.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Judged:
    """A record with everything that was decided about it.

    `code` is the reason of a rejection or failure; `duplicate_of` the record that stays in its place.
    """

    record: Record
    outcome: Outcome
    code: str = ""
    verdicts: tuple[Verdict, ...] = ()
    duplicate_of: str | None = None
