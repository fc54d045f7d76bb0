"""What the user asks for: the recipe, read from TOML and validated strictly.

Every key has a default, so that an empty recipe is a whole run. Unknown keys and wrong types are errors that name
the key and the nearest valid one. No secret stands in a recipe: keys are named by environment variable.
"""

from synthgen.recipe.asking import (
    BudgetSettings,
    ExtractSettings,
    HoldoutSettings,
    LicencePolicy,
    LimitSettings,
    MetadataRule,
    ModelPrice,
    PlanSettings,
    SourceSettings,
    TeacherSettings,
)
from synthgen.recipe.keeping import (
    DecontaminateSettings,
    DedupSettings,
    FilterSettings,
    GateSettings,
    JudgeSettings,
)
from synthgen.recipe.training import (
    AblationSettings,
    PackSettings,
    RenderSettings,
    TrainingSettings,
)
from synthgen.recipe.whole import (
    Recipe,
    override,
    priced,
    read_recipe,
    to_toml,
)

__all__ = [
    "AblationSettings",
    "BudgetSettings",
    "DecontaminateSettings",
    "DedupSettings",
    "ExtractSettings",
    "FilterSettings",
    "GateSettings",
    "HoldoutSettings",
    "JudgeSettings",
    "LicencePolicy",
    "LimitSettings",
    "MetadataRule",
    "ModelPrice",
    "PackSettings",
    "PlanSettings",
    "Recipe",
    "RenderSettings",
    "SourceSettings",
    "TeacherSettings",
    "TrainingSettings",
    "override",
    "priced",
    "read_recipe",
    "to_toml",
]
