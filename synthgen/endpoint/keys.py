"""The key of an endpoint: read from the environment, sent where it belongs, shown nowhere."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field

from synthgen.errors import RecipeError

PART_OF_KEY = 8
"""A word with this many characters in a row of the key gives it away."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key and the environment variable that holds it; both None where an endpoint needs none."""

    variable: str | None = None
    value: str | None = field(default=None, repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """The headers that show the key to a server."""
        return {"Authorization": f"Bearer {self.value}"} if self.value else {}

    def hide_in(self, words: str) -> str:
        """`words` without the key, and without those of them that hold a part of it: servers repeat keys with
        asterisks inside, in other case or without their prefix."""
        key = self.value
        if not key:
            return words
        start = key[:4] if len(key) > 12 else key
        words = re.sub(re.escape(start) + r"\S*", "[key]", words.replace(key, "[key]"), flags=re.IGNORECASE)
        secret, length = key.lower(), min(len(key), PART_OF_KEY)
        parts = {secret[i : i + length] for i in range(len(secret) - length + 1)}
        return " ".join("[key]" if any(part in word.lower() for part in parts) else word for word in words.split(" "))


def read_key(variable: str | None, where: str) -> Key:
    """The key in `variable`; an empty one for None. Raises RecipeError, which names `where`, for a missing one."""
    if variable is None:
        return Key()
    value = os.environ.get(variable, "").strip()
    if not value:
        what = f"the environment variable {variable} holds no key"
        raise RecipeError(what, where=where, fix="set it, or name another one in api_key_env")
    if not (value.isascii() and value.isprintable()):
        raise RecipeError(f"the environment variable {variable} is not a key", where=where, fix="copy the key again")
    return Key(variable, value)
