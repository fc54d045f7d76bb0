"""The recipe: strict, and clear about what is wrong."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from synthgen.errors import RecipeError, UsageError
from synthgen.recipe import Recipe, override, read_recipe, to_toml
from synthgen.settings import validated
from synthgen.starter import TEMPLATE, write_starter
from synthgen.words import parse_price, parse_teacher, with_prices


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"teachr": []}, "unknown key 'teachr'. Did you mean 'teachers'?"),
        ({"extracts": {"min_tokns": 5}}, "unknown key 'extracts.min_tokns'. Did you mean 'min_tokens'?"),
        ({"teachers": [{"bakend": "openai"}]}, "unknown key 'teachers.0.bakend'. Did you mean 'backend'?"),
        ({"sources": {"licences": {"alow": []}}}, "unknown key 'sources.licences.alow'. Did you mean 'allow'?"),
        ({"sources": {"metadata": [{"glob": "*", "licens": "x"}]}}, "Did you mean 'licence'?"),
        ({"target_tokens": "many"}, "target_tokens must be a valid integer. Mend that key."),
        ({"target_tokens": 0}, "target_tokens must be greater than or equal to 1, not 0"),
        ({"extracts": {"min_tokens": 700}}, "extracts must have a max_tokens of at least twice min_tokens"),
        ({"teachers": []}, "must name at least one teacher"),
        ({"teachers": [{"backend": "fake"}, {"backend": "fake"}]}, "must give each teacher its own name (fake, fake)"),
        ({"transformations": {"faq": 0.0}}, "must give a transformation a weight above 0"),
        ({"budget": {"hours": float("inf")}}, "budget.hours must be a finite number"),
        ({"teachers": [{"sampling": {"messages": []}}]}, "sets 'messages', which synthgen sets itself"),
        ({"teachers": [{"sampling": {"max_tokens": "512"}}]}, "max_tokens must be a whole number above 0"),
    ],
)
def test_a_mistake_is_named_with_its_key_and_the_nearest_valid_one(data: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError, match=re.escape(message)) as caught:
        validated(Recipe, data, where="recipe.toml")
    assert str(caught.value).startswith("recipe.toml: ")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "settings",
    [
        {"base_url": "http://user:sk-secret@host/v1"},
        {"base_url": "http://host/v1?key=sk-secret"},
        {"base_url": "sk-secret"},
        {"api_key_env": "sk-secret-123"},
    ],
)
def test_a_secret_is_refused_where_a_name_or_address_belongs_and_not_repeated(settings: dict[str, str]) -> None:
    with pytest.raises(RecipeError) as caught:
        validated(Recipe, {"teachers": [settings]}, where="recipe.toml")
    assert "sk-secret" not in str(caught.value)
    assert f"teachers.0.{next(iter(settings))} must" in str(caught.value)


def test_an_empty_recipe_is_a_whole_one() -> None:
    recipe = validated(Recipe, {}, where="recipe")
    assert [teacher.backend for teacher in recipe.teachers] == ["extractive"]
    assert sorted(recipe.transformations) == ["distill", "faq", "knowledge_list", "vignette_mcq"]


def test_a_recipe_written_as_toml_reads_back_equal(tmp_path: Path) -> None:
    data = {
        "source": 'a folder/with "quotes"',
        "target_tokens": 400_000_000,
        "teachers": [{"backend": "openai", "model": "m", "price_input": 0.5, "sampling": {"stop": ["\n", "é"]}}],
        "sources": {"metadata": [{"glob": "who/**", "licence": "CC BY 4.0"}], "columns": {"text": "body"}},
        "filters": {"length": {"enabled": False}},
    }
    recipe = validated(Recipe, data, where="recipe")
    path = tmp_path / "recipe.toml"
    path.write_text(to_toml(recipe), "utf-8")
    assert read_recipe(path) == recipe


def test_a_broken_file_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text("source = \n", "utf-8")
    with pytest.raises(RecipeError, match=r"not valid TOML.*line 1"):
        read_recipe(path)
    with pytest.raises(RecipeError, match="cannot be read"):
        read_recipe(tmp_path / "missing.toml")


def test_changes_are_validated_like_the_recipe_itself() -> None:
    assert override(Recipe(), target_tokens=5).target_tokens == 5
    with pytest.raises(RecipeError):
        override(Recipe(), target_tokens=-5)


@pytest.mark.parametrize(
    ("word", "backend", "model", "url"),
    [
        ("extractive", "extractive", None, None),
        ("vllm:org/model-7b", "vllm", "org/model-7b", None),
        ("openai:gpt-x", "openai", "gpt-x", None),
        ("openai:org/m@http://host:8000/v1", "openai", "org/m", "http://host:8000/v1"),
    ],
)
def test_a_teacher_is_one_word(word: str, backend: str, model: str | None, url: str | None) -> None:
    teacher = parse_teacher(word)
    assert (teacher.backend, teacher.model, teacher.base_url) == (backend, model, url)
    assert teacher.name == (f"{backend}:{model}" if model else backend)


@pytest.mark.parametrize("word", ["", ":m", "openai:m@host"])
def test_a_word_that_is_no_teacher_is_refused(word: str) -> None:
    with pytest.raises(UsageError, match="not a teacher"):
        parse_teacher(word)


def test_a_price_is_one_word() -> None:
    model, price = parse_price("org/m:free=v2=0.1/0.4")
    assert (model, price.input, price.output, price.cached) == ("org/m:free=v2", 0.1, 0.4, None)
    assert parse_price("m=1/2/0.5")[1].cached == 0.5


@pytest.mark.parametrize("word", ["", "m", "m=1", "=1/2", "m=1/2/3/4", "m=a/b", "m=-1/2", "m=nan/1", "m=1/inf"])
def test_a_word_that_is_no_price_is_refused(word: str) -> None:
    with pytest.raises(UsageError, match="not a price"):
        parse_price(word)


def test_a_price_given_on_the_command_line_wins_over_the_recipes() -> None:
    teachers = [{"backend": "fake", "model": "m", "price_input": 9.0, "price_cached": 1.0}, {"backend": "extractive"}]
    recipe = validated(Recipe, {"teachers": teachers, "prices": {"m": {"input": 5.0, "output": 5.0}}}, where="r")
    assert with_prices(recipe, {}) == recipe
    priced, other = with_prices(recipe, dict([parse_price("m=1/2")])).priced_teachers
    assert (priced.price_input, priced.price_output, priced.price_cached) == (1.0, 2.0, None)
    assert other.price_input is None
    with pytest.raises(UsageError, match=r"no teacher has the model 'n'\. Valid: m"):
        with_prices(recipe, dict([parse_price("n=1/2")]))


def test_the_starter_is_valid_as_it_stands_and_with_every_line_switched_on(tmp_path: Path) -> None:
    text = TEMPLATE.read_text("utf-8")
    as_it_stands = validated(Recipe, tomllib.loads(text), where="starter")
    assert override(as_it_stands, source=[]) == Recipe()
    switched_on = validated(Recipe, tomllib.loads(re.sub(r"(?m)^#: ?", "", text)), where="starter")
    assert switched_on.teachers[1].model == "my-teacher-70b"
    assert switched_on.budget.usd == 25.0
    write_starter(tmp_path / "recipe.toml")
    with pytest.raises(UsageError, match="exists already"):
        write_starter(tmp_path / "recipe.toml")


def test_the_default_mix_is_of_what_the_teachers_answer() -> None:
    def mix(*teachers: dict[str, Any]) -> dict[str, float]:
        return validated(Recipe, {"teachers": list(teachers)}, where="recipe").transformations

    model = {"backend": "openai", "model": "m"}
    assert set(mix({"backend": "extractive"})) == {"distill", "knowledge_list", "faq", "vignette_mcq"}
    assert len(mix(model)) == 15
    assert mix({**model, "transformations": ["faq", "contrast"]}) == {"faq": 1.0, "contrast": 0.25}
    assert mix({**model, "transformations": ["encyclopedic"]}) == {"encyclopedic": 1.0}
    assert set(mix({"backend": "extractive"}, {**model, "weight": 0.0})) == set(mix({"backend": "extractive"}))
