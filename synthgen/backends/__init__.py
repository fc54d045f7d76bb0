"""The teachers: one file each."""

from __future__ import annotations

from synthgen.backends.base import Backend
from synthgen.recipe import TeacherSettings
from synthgen.registry import find


def make_backend(settings: TeacherSettings) -> Backend:
    """The backend that `settings` name, not yet entered.

    Raises UsageError for an unknown one, RecipeError for settings that cannot work.
    """
    return find("synthgen.backends", Backend, settings.backend)(settings)
