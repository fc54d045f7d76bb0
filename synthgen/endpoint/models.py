"""What an endpoint says of its models."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from synthgen.data import ModelInfo

LENGTHS = ("max_model_len", "context_length", "context_window")
"""Where vLLM and hosted APIs state it."""


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
