"""How much of each transformation a set has unless the recipe says otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from synthgen.recipe.asking import TeacherSettings

OF_MODELS = {
    "faq": 1.0,
    "table_qa": 1.0,
    "tutorial": 1.0,
    "calculation": 1.0,
    "entity_links": 1.0,
    "diverse_qa": 0.75,
    "vignette_mcq": 0.75,
    "knowledge_list": 0.5,
    "decision_path": 0.5,
    "counterfactual_qa": 0.5,
    "distill": 0.25,
    "dialogue": 0.25,
    "instruction": 0.25,
    "patient_education": 0.25,
    "contrast": 0.25,
}
"""What the published comparisons favour weighs most; see the evidence in each file, and decision 14."""

OF_RULES = {"distill": 1.0, "knowledge_list": 1.0, "faq": 1.0, "vignette_mcq": 1.0}
"""The kinds in which the extractive teacher says different things; its others repeat these."""


def default_mix(teachers: Sequence[TeacherSettings]) -> dict[str, float]:
    """The weights for a set that `teachers` make, of what they answer; where that is none of it, of what they name."""
    rules_only = all(teacher.backend == "extractive" for teacher in teachers if teacher.weight)
    mix = OF_RULES if rules_only else OF_MODELS
    answered = {name: weight for name, weight in mix.items() if any(teacher.answers(name) for teacher in teachers)}
    return answered or {name: 1.0 for teacher in teachers if teacher.weight for name in teacher.transformations}
