"""What the user asks for: the recipe, read from TOML and validated strictly.

Every key has a default, so that an empty recipe is a whole run. Unknown keys and wrong types are errors that name
the key and the nearest valid one. No secret stands in a recipe: keys are named by environment variable.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from synthgen.errors import RecipeError
from synthgen.settings import Addresses, Positive, Price, Sampling, Settings, Share, VariableName, validated


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
    weight: Positive = 1.0
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


class FilterSettings(Settings):
    """Base of the settings of every filter (`[filters.NAME]`)."""

    enabled: bool = True


class GateSettings(Settings):
    """Thresholds on the whole set; None means no gate. A missed gate ends the run with exit code 3."""

    acceptance: Share | None = None
    """At least this share of the planned requests must end as kept records."""
    coverage: Share | None = None
    """At least this share of the source's characters must be in extracts."""
    failed: Share | None = None
    """At most this share of the planned requests may have failed."""
    pending: Share | None = None
    """At most this share of the planned requests may be left unasked by a cap of the budget; 0 asks for all."""
    min_records: Annotated[int, Field(ge=0)] | None = None
    """At least this many records must be kept."""
    collapsed: Annotated[int, Field(ge=0)] | None = None
    """At most this many transformations with a teacher may have collapsed in the pilot, without which nothing runs."""


class DedupSettings(Settings):
    exact: bool = True
    """Drop records whose normalised text stands in an earlier record."""


class PackSettings(Settings):
    window: Annotated[int, Field(ge=64)] = 4096
    """Tokens in one training window. A longer document is cut at sentences into several rows."""


class BudgetSettings(Settings):
    """Caps; None means no cap."""

    requests: Annotated[int, Field(ge=0)] | None = None
    usd: Annotated[float, Field(ge=0)] | None = None
    hours: Positive | None = None


class Recipe(Settings):
    """Everything that decides what a run makes."""

    source: list[str] = []
    target_tokens: Annotated[int, Field(ge=1)] | None = None
    tokenizer: str = "mistral-7b-v0.1"
    prompts: str | None = None
    """A folder with transformations of one's own."""
    teachers: list[TeacherSettings] = [TeacherSettings(name="extractive")]
    transformations: dict[str, Annotated[float, Field(ge=0)]] = {
        "distill": 1.0,
        "knowledge_list": 1.0,
        "faq": 1.0,
        "vignette_mcq": 1.0,
    }
    """Weights: how many samples of each, relative to the others; the largest is one sample an extract and round."""
    sources: SourceSettings = SourceSettings()
    extracts: ExtractSettings = ExtractSettings()
    filters: dict[str, dict[str, Any]] = {}
    dedup: DedupSettings = DedupSettings()
    gates: GateSettings = GateSettings()
    pack: PackSettings = PackSettings()
    budget: BudgetSettings = BudgetSettings()
    prices: dict[str, ModelPrice] = {}
    """Prices by model, for the teachers that state none themselves."""

    @model_validator(mode="before")
    @classmethod
    def _one_source(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and isinstance(data.get("source"), str):
            return {**data, "source": [data["source"]]}
        return data

    @model_validator(mode="after")
    def _usable(self) -> Recipe:
        names = [teacher.name for teacher in self.teachers]
        if not names:
            raise ValueError("must name at least one teacher")
        if len(set(names)) < len(names):
            raise ValueError(f"must give each teacher its own name ({', '.join(names)})")
        wanted = [name for name, weight in self.transformations.items() if weight]
        if not wanted:
            raise ValueError("must give a transformation a weight above 0")
        for name in wanted:
            if not any(name in teacher.transformations or not teacher.transformations for teacher in self.teachers):
                raise ValueError(f"must name a teacher for the transformation {name!r}")
        return self

    @property
    def priced_teachers(self) -> list[TeacherSettings]:
        """The teachers; those that state no price of their own have that of their model in `prices`."""
        return [priced(teacher, self.prices.get(teacher.model or "")) for teacher in self.teachers]


def priced(teacher: TeacherSettings, price: ModelPrice | None) -> TeacherSettings:
    """`teacher` with this price, if it states none itself."""
    if price is None or teacher.price_input is not None or teacher.price_output is not None:
        return teacher
    found = {"price_input": price.input, "price_output": price.output, "price_cached": price.cached}
    return teacher.model_copy(update=found)


def read_recipe(path: Path) -> Recipe:
    """The recipe in the TOML file `path`. Raises RecipeError naming file, key and what is valid."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise RecipeError(f"cannot be read ({error.strerror})", where=path, fix="check the path") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"is not valid TOML: {error}", where=path, fix="mend that line") from error
    return validated(Recipe, data, where=str(path))


def override(recipe: Recipe, **changes: Any) -> Recipe:
    """`recipe` with other values for some of its keys, validated as a whole. Raises RecipeError."""
    return validated(Recipe, {**recipe.model_dump(exclude_unset=True), **changes}, where="recipe")


def to_toml(recipe: Recipe) -> str:
    """The whole recipe, defaults included, as TOML that reads back to an equal one."""
    import tomli_w

    return tomli_w.dumps(recipe.model_dump(mode="json", exclude_none=True))
