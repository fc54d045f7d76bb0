"""What is read, and who is asked what: the sections of a recipe that decide a run's requests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from synthgen.settings import Addresses, Positive, Price, Sampling, Settings, Share, VariableName


class MetadataRule(Settings):
    """Metadata for the documents whose source name matches `glob`; fills what the document itself does not say."""

    glob: str
    title: str | None = None
    publisher: str | None = None
    licence: str | None = None
    date: str | None = None


class LicencePolicy(Settings):
    """Which licences may be used: case-insensitive globs over a document's licence. `refuse` wins over `allow`.

    With `allow` set, a document without a licence is refused as well.
    """

    allow: list[str] = []
    refuse: list[str] = []


class SourceSettings(Settings):
    """`columns` maps our column names to those of a table file: `{"text": "body", "title": "heading"}`."""

    columns: dict[Literal["text", "title", "publisher", "licence", "date", "url"], str] = {}
    metadata: list[MetadataRule] = []
    licences: LicencePolicy = LicencePolicy()
    patient_data: Literal["set_aside", "use"] = "set_aside"
    """What becomes of a document that holds a date of birth or a patient's record number. It is looked for by rules."""
    max_file_mb: Positive = 500.0


class ExtractSettings(Settings):
    """Extract length in tokens of the recipe's tokenizer, and when a paragraph counts as repeated boilerplate."""

    min_tokens: Annotated[int, Field(ge=1)] = 200
    max_tokens: Annotated[int, Field(ge=16)] = 800
    repeated_in: Annotated[int, Field(ge=2)] = 3
    """A paragraph that stands in at least this many documents is boilerplate, and is dropped ..."""
    repeated_share: Share = 0.1
    """... if that is also at least this share of all documents."""

    @model_validator(mode="after")
    def _ordered(self) -> ExtractSettings:
        if self.min_tokens * 2 > self.max_tokens:
            raise ValueError("must have a max_tokens of at least twice min_tokens")
        return self


class TeacherSettings(Settings):
    """One teacher. `sampling` overrides the transformations' defaults; `options` are the backend's own."""

    backend: str = "extractive"
    model: str | None = None
    name: str = ""
    weight: Annotated[float, Field(ge=0)] = 1.0
    """Its share of the requests, relative to the others; a teacher of weight 0 is asked nothing but to judge."""
    transformations: list[str] = []
    """The transformations that this teacher answers; all where none is named."""
    base_url: Addresses | None = None
    """The address of the server, or of several replicas that serve the same model."""
    api_key_env: VariableName | None = None
    in_flight: Annotated[int, Field(ge=1)] | None = None
    deadline: Positive | None = None
    """Seconds that one request may take, all its attempts and its own pauses together; None for the backend's own."""
    attempts: Annotated[int, Field(ge=1)] = 6
    patience: Positive = 3600.0
    """Seconds that a run waits for a teacher that has answered before and answers nothing now."""
    price_input: Price = None
    """US dollars for a million prompt tokens."""
    price_output: Price = None
    """US dollars for a million completion tokens."""
    price_cached: Price = None
    """US dollars for a million prompt tokens that the teacher read from its cache; None for `price_input`."""
    structured: bool = True
    """Whether the JSON Schema of a transformation is sent along (`response_format`)."""
    sampling: Sampling = {}
    omit: list[str] = []
    """Keys of the payload that this teacher does not take, such as `temperature`."""
    options: dict[str, Any] = {}

    def answers(self, transformation: str) -> bool:
        """Whether this teacher is to be asked for a transformation."""
        return self.weight > 0 and (not self.transformations or transformation in self.transformations)

    @property
    def base_urls(self) -> tuple[str, ...]:
        """The addresses of all replicas; none where the backend has its own."""
        return (self.base_url,) if isinstance(self.base_url, str) else tuple(self.base_url or ())

    @model_validator(mode="before")
    @classmethod
    def _named(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and not data.get("name"):
            model = data.get("model")
            if isinstance(model, str) and model.startswith(("/", "./", "../", "~")):
                # A folder's place on this machine is nobody else's business.
                model = PurePath(model).name
            words = [data.get("backend", "extractive"), model]
            return {**data, "name": ":".join(str(word) for word in words if word)}
        return data


class ModelPrice(Settings):
    """What a model costs, in US dollars for a million tokens."""

    input: Annotated[float, Field(ge=0)]
    output: Annotated[float, Field(ge=0)]
    cached: Price = None


class PlanSettings(Settings):
    """Which extracts come first, and which get more samples. All are used once before any is used twice."""

    documents: Literal["length", "sqrt"] = "sqrt"
    """How much a document counts: as its length does, or as the square root of that, so that long ones do not crowd
    out short ones. Length is the number of its extracts."""
    topics: dict[str, Positive] = {}
    """Weights by topic (`synthgen plan` lists them); 1 for those that are not named, 2 for twice as much."""


class BudgetSettings(Settings):
    """Caps; None means no cap."""

    requests: Annotated[int, Field(ge=0)] | None = None
    usd: Annotated[float, Field(ge=0)] | None = None
    hours: Positive | None = None


class HoldoutSettings(Settings):
    """Documents that are kept out of generation, so that a model can be evaluated on them.

    A near copy of a document that is held out is held out with it.
    """

    share: Share = 0.0
    """This share of the documents, chosen by the hash of their text, ..."""
    documents: list[str] = []
    """... and those whose source name matches one of these globs."""


class LimitSettings(Settings):
    """What the work of this machine may take."""

    processes: Annotated[int, Field(ge=1)] | None = None
    """Processes at work at the same time; None for one a core."""
    memory_mb: Annotated[int, Field(ge=256)] = 2048
    """Resident memory, in MiB, of all processes together in the passes over the whole set."""
