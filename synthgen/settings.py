"""What every section of a recipe is made of: strict settings, the types of their values, and what is wrong with one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from synthgen.errors import RecipeError, nearest

M = TypeVar("M", bound="Settings")

RESERVED = frozenset({"model", "messages", "n", "stream", "response_format"})
"""Keys of a request that are not the user's to set as `sampling`."""


def _sampling(value: dict[str, Any]) -> dict[str, Any]:
    """Request keys that a recipe or transformation may set; the limits on an answer's length are whole numbers."""
    for key in RESERVED & value.keys():
        raise ValueError(f"sets {key!r}, which synthgen sets itself; take it out")
    for key in ("max_tokens", "max_completion_tokens"):
        if key in value and (not isinstance(value[key], int) or value[key] < 1):
            raise ValueError(f"{key} must be a whole number above 0")
    return value


def _address(value: str) -> str:
    """A server's address that holds no secret."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("must be an http address such as http://host:8000/v1")
    if "@" in parts.netloc or parts.query:
        raise ValueError("must hold no user, password or query; name the key's variable in api_key_env")
    return value


def _variable(value: str) -> str:
    """The name of an environment variable, and not a key."""
    if not re.fullmatch(r"[A-Z_][A-Z0-9_]*", value, re.IGNORECASE):
        raise ValueError("must be the name of an environment variable, not a key")
    return value


def _addresses(value: str | list[str]) -> str | list[str]:
    """One address, or those of several replicas, each once."""
    addresses = [_address(one) for one in ([value] if isinstance(value, str) else value)]
    if len({address.rstrip("/") for address in addresses}) < len(addresses) or not addresses:
        raise ValueError("must name each replica once")
    return value


Sampling = Annotated[dict[str, Any], AfterValidator(_sampling)]
Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Price = Annotated[float, Field(ge=0)] | None
Addresses = Annotated[str | list[str], AfterValidator(_addresses)]
VariableName = Annotated[str, AfterValidator(_variable)]


class Settings(BaseModel):
    """Base of every recipe section: frozen, strict, no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def validated(model: type[M], data: Mapping[str, Any], *, where: str) -> M:
    """`data` as a settings model; raises RecipeError for the first thing that is wrong."""
    try:
        return model.model_validate(dict(data))
    except ValidationError as error:
        # An unknown key comes first: it is often the misspelt one that another message misses.
        first = min(error.errors(include_url=False), key=lambda found: found["type"] != "extra_forbidden")
        key = ".".join(str(part) for part in first["loc"]) or "it"
        if first["type"] == "extra_forbidden":
            fix = nearest(str(first["loc"][-1]), _valid_keys(model, first["loc"][:-1]))
            raise RecipeError(f"unknown key {key!r}", where=where, fix=fix) from None
        if first["type"] == "missing":
            raise RecipeError(f"{key!r} is missing", where=where, fix="add it") from None
        raise RecipeError(f"{key} {_complaint(first)}", where=where, fix="mend that key") from None


def _complaint(error: ErrorDetails) -> str:
    """What is wrong with a value, in words that follow its key. A text is never repeated: it may be a secret."""
    message = error["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    shown = f", not {error['input']!r}" if isinstance(error["input"], int | float) else ""
    return f"{message[:1].lower()}{message[1:]}{shown}"


def _valid_keys(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """The keys of the section that `path` leads to."""
    for part in path:
        if isinstance(part, int) or part not in model.model_fields:
            continue
        model = next((t for t in _types(model.model_fields[str(part)].annotation) if issubclass(t, BaseModel)), model)
    return [field.alias or name for name, field in model.model_fields.items()]


def _types(annotation: Any) -> list[type]:
    """All classes in a type annotation: `list[X] | None` holds `X`."""
    inner = getattr(annotation, "__args__", ())
    found = [annotation] if isinstance(annotation, type) and not inner else []
    return found + [cls for part in inner for cls in _types(part)]
