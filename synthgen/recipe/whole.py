"""The recipe as a whole: read from TOML, validated strictly, written out again."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, model_validator

from synthgen.errors import RecipeError
from synthgen.recipe.asking import (
    BudgetSettings,
    ExtractSettings,
    HoldoutSettings,
    LimitSettings,
    ModelPrice,
    PlanSettings,
    SourceSettings,
    TeacherSettings,
)
from synthgen.recipe.keeping import DecontaminateSettings, DedupSettings, GateSettings, JudgeSettings
from synthgen.recipe.mix import default_mix
from synthgen.recipe.training import AblationSettings, PackSettings, RenderSettings, TrainingSettings
from synthgen.settings import Settings, validated


class Recipe(Settings):
    """Everything that decides what a run makes."""

    source: list[str] = []
    target_tokens: Annotated[int, Field(ge=1)] | None = None
    tokenizer: str = "mistral-7b-v0.1"
    prompts: str | None = None
    """A folder with transformations of one's own."""
    teachers: list[TeacherSettings] = [TeacherSettings(name="extractive")]
    transformations: dict[str, Annotated[float, Field(ge=0)]] = Field(
        default_factory=lambda known: default_mix(known.get("teachers", []))
    )
    """Weights: how many samples of each, relative to the others; the largest is one sample an extract and round."""
    plan: PlanSettings = PlanSettings()
    sources: SourceSettings = SourceSettings()
    holdout: HoldoutSettings = HoldoutSettings()
    extracts: ExtractSettings = ExtractSettings()
    filters: dict[str, dict[str, Any]] = {}
    judge: JudgeSettings = JudgeSettings()
    dedup: DedupSettings = DedupSettings()
    decontaminate: DecontaminateSettings = DecontaminateSettings()
    gates: GateSettings = GateSettings()
    render: RenderSettings = RenderSettings()
    pack: PackSettings = PackSettings()
    training: TrainingSettings = TrainingSettings()
    ablation: AblationSettings = AblationSettings()
    budget: BudgetSettings = BudgetSettings()
    limits: LimitSettings = LimitSettings()
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
        if not any(teacher.weight for teacher in self.teachers):
            raise ValueError("must give a teacher a weight above 0")
        if self.judge.teacher is not None and self.judge.teacher not in names:
            raise ValueError(f"names no teacher in [judge] ({self.judge.teacher!r} is none of {', '.join(names)})")
        wanted = [name for name, weight in self.transformations.items() if weight]
        if not wanted:
            raise ValueError("must give a transformation a weight above 0")
        for name in wanted:
            if not any(teacher.answers(name) for teacher in self.teachers):
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
