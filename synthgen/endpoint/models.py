"""What an endpoint says of its models."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import orjson

LENGTHS = ("max_model_len", "context_length", "context_window")
"""Where vLLM and hosted APIs state it."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model as its server lists it. `root` is the checkpoint that it really runs, and `max_model_len` the most tokens
    that prompt and answer may have together; None where it does not say."""

    model: str
    root: str | None = None
    max_model_len: int | None = None


def listed(body: bytes, model: str) -> ModelInfo | None:
    """What the list of models in `body` says of `model`; None where it is not listed, or where that is no such list.

    Names are not all listed: aliases exist.
    """
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    entries = data.get("data") if isinstance(data, dict) else data
    for entry in entries if isinstance(entries, Iterable) else ():
        if isinstance(entry, dict) and entry.get("id") == model:
            root = entry.get("root")
            lengths = (entry.get(key) for key in LENGTHS)
            length = next((value for value in lengths if isinstance(value, int) and value > 0), None)
            return ModelInfo(model, root if isinstance(root, str) and root else None, length)
    return None
