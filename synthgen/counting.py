"""Counting the tokens of a text as a teacher does, where the teacher's own tokenizer can be had."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from synthgen.errors import TokenizerError
from synthgen.recipe import TeacherSettings
from synthgen.tokens import Tokenizer, load_tokenizer

LOAD_SECONDS = 5.0
"""How long tiktoken may take to load an encoding. It has no time limit of its own, and downloads at the first use."""


@dataclass(frozen=True)
class TokenCounter:
    """`count` gives the tokens of a text, without those that a chat template adds.

    `own` says whether it is the teacher's own tokenizer; `note` why not, where that can be helped.
    """

    name: str
    count: Callable[[str], int]
    own: bool = True
    note: str = ""


def counter_for(teacher: TeacherSettings, target: Tokenizer) -> TokenCounter:
    """The teacher's own tokenizer, or `target` where it cannot be had. Never raises; takes some seconds at most.

    Its own is the one in the model's folder or in the local cache of the Hugging Face hub, or tiktoken's for a model
    that tiktoken knows. The first use of an encoding of tiktoken downloads it (to `TIKTOKEN_CACHE_DIR`).
    """
    fall_back = TokenCounter(f"the target tokenizer {target.name}", target.count, own=False)
    if not teacher.model:
        return fall_back
    try:
        if file := next(_tokenizer_files(teacher.model), None):
            return _from_file(file)
        return _from_tiktoken(teacher.model) or fall_back
    except TokenizerError as error:
        return TokenCounter(fall_back.name, target.count, own=False, note=str(error))


def _tokenizer_files(model: str) -> Iterator[Path]:
    """The files on this machine that hold the tokenizer of `model`, a folder or a name on the hub; the best first."""
    names = ("tokenizer.json", "tokenizer.model")
    if (folder := Path(model)).is_dir():
        yield from (folder / name for name in names if (folder / name).is_file())
    elif model.count("/") == 1:
        from huggingface_hub import try_to_load_from_cache
        from huggingface_hub.errors import HFValidationError

        try:
            cached = [try_to_load_from_cache(model, name) for name in names]
        except HFValidationError:
            return
        yield from (Path(path) for path in cached if isinstance(path, str))


def _from_file(path: Path) -> TokenCounter:
    """Raises TokenizerError where the file is damaged, or its package is not installed."""
    if path.suffix == ".model":
        return TokenCounter(f"the model's own {path.name}", load_tokenizer(str(path)).count)
    try:
        from tokenizers import Tokenizer as Loaded
    except ImportError:
        raise TokenizerError(
            "the package tokenizers is not installed", where=path, fix="pip install tokenizers"
        ) from None
    try:
        loaded = Loaded.from_file(str(path))
    except Exception as error:  # it raises nothing more special
        raise TokenizerError("cannot be loaded", where=path, fix="fetch the model's tokenizer again") from error

    def count(text: str) -> int:
        return len(loaded.encode(text.encode("utf-8", "replace").decode(), add_special_tokens=False).ids)

    return TokenCounter(f"the model's own {path.name}", count)


def _from_tiktoken(model: str) -> TokenCounter | None:
    """The encoding of a model that tiktoken knows by name; None for any other. Raises TokenizerError."""
    from tiktoken.model import encoding_name_for_model

    try:
        name = encoding_name_for_model(model.removeprefix("openai/"))
    except KeyError:
        return None
    encoding = _encoding(name)
    return TokenCounter(f"tiktoken's {name}", lambda text: len(encoding.encode_ordinary(text)))


@cache
def _loading(name: str) -> Future[Any]:
    """The encoding of tiktoken called `name`, on its way in a thread that ends with the process."""
    import tiktoken

    loaded: Future[Any] = Future()

    def load() -> None:
        try:
            loaded.set_result(tiktoken.get_encoding(name))
        except Exception as error:  # whatever network, cache and proxies have in store
            loaded.set_exception(error)

    threading.Thread(target=load, daemon=True).start()
    return loaded


def _encoding(name: str) -> Any:
    fix = "load it once with a network, and set TIKTOKEN_CACHE_DIR to the folder that then holds it"
    try:
        return _loading(name).result(LOAD_SECONDS)
    except TimeoutError:
        what = f"could not be loaded within {LOAD_SECONDS:g} seconds"
        raise TokenizerError(what, where=f"tiktoken's encoding {name}", fix=fix) from None
    except Exception as error:
        # The words of the error may name a proxy with its password.
        what = f"could not be loaded ({type(error).__name__})"
        raise TokenizerError(what, where=f"tiktoken's encoding {name}", fix=fix) from None
