"""What the command line says in one word: a teacher, a price."""

from __future__ import annotations

from collections.abc import Mapping

from synthgen.errors import RecipeError, UsageError, nearest
from synthgen.recipe import ModelPrice, Recipe, TeacherSettings, override, priced
from synthgen.settings import validated


def parse_teacher(word: str) -> TeacherSettings:
    """A teacher in one word, as on the command line: `BACKEND[:MODEL[@URL]]`.

    `extractive`, `vllm:MODEL`, `openai:MODEL`, `openai:MODEL@http://host:8000/v1`.
    """
    backend, _, rest = word.partition(":")
    model, _, url = rest.partition("@")
    if not backend or (url and "://" not in url):
        raise UsageError(
            "not a teacher",
            where="--teacher",
            fix="write BACKEND[:MODEL[@URL]], as in openai:MODEL@http://host:8000/v1",
        )
    data = {"backend": backend, "model": model or None, "base_url": url or None}
    return validated(TeacherSettings, data, where=f"teacher {backend}")


def parse_price(word: str) -> tuple[str, ModelPrice]:
    """A model and its price in one word, as on the command line: `MODEL=INPUT/OUTPUT[/CACHED]`."""
    model, _, numbers = word.rpartition("=")
    try:
        amounts = dict(zip(("input", "output", "cached"), map(float, numbers.split("/")), strict=False))
        return model, validated(ModelPrice, amounts if numbers.count("/") < 3 and model else {}, where="--price")
    except (ValueError, RecipeError):
        raise UsageError(
            "not a price",
            where="--price",
            fix="write MODEL=INPUT/OUTPUT or MODEL=INPUT/OUTPUT/CACHED in US dollars for a million tokens, "
            "as in my-model=0.10/0.40",
        ) from None


def with_prices(recipe: Recipe, prices: Mapping[str, ModelPrice]) -> Recipe:
    """`recipe` with these prices for its teachers' models, whatever it says of them itself.

    Raises UsageError for a model that no teacher has.
    """
    models = {teacher.model for teacher in recipe.teachers if teacher.model}
    for model in prices:
        if model not in models:
            fix = nearest(model, models) if models else "name a teacher with a model"
            raise UsageError(f"no teacher has the model {model!r}", where="--price", fix=fix)
    unpriced = dict.fromkeys(("price_input", "price_output", "price_cached"))
    teachers = [
        priced(teacher.model_copy(update=unpriced), price) if (price := prices.get(teacher.model or "")) else teacher
        for teacher in recipe.teachers
    ]
    return override(recipe, teachers=[teacher.model_dump() for teacher in teachers]) if prices else recipe
