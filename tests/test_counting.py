"""Counting as the teacher does: its own tokenizer where it can be had, and a clear fall-back where it cannot."""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import pytest

from synthgen.counting import counter_for
from synthgen.recipe import TeacherSettings
from synthgen.tokens import BUILT_IN, load_tokenizer

TARGET = load_tokenizer("mistral-7b-v0.1")
TEXT = "Start allopurinol 100 mg once daily; titrate to a urate < 360 µmol/L [S +++]."
ENCODING_URL = "https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken"
"""Where tiktoken has it from; the name of the file in its cache is the SHA-1 of this."""


def teacher(model: str | None, backend: str = "openai") -> TeacherSettings:
    return TeacherSettings(backend=backend, model=model)


def word_level(path: Path) -> None:
    """A tokenizer of a few words, all others being one token each."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    made = Tokenizer(models.WordLevel({"dose": 0, "[UNK]": 1}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made.save(str(path))


def test_a_model_that_nobody_knows_is_counted_with_the_target_tokenizer() -> None:
    for model in (None, "my-model", "org/my-model", "a/b/c", "-bad-/name-"):
        counter = counter_for(teacher(model), TARGET)
        assert not counter.own
        assert counter.count(TEXT) == TARGET.count(TEXT)
        assert "mistral-7b-v0.1" in counter.name
        assert not counter.note


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-4o-mini-2024-07-18", "openai/gpt-4o"])
def test_an_openai_model_is_counted_with_the_encoding_of_tiktoken(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import tiktoken
    from tiktoken import registry

    letters = {bytes([byte]): byte for byte in range(256)}
    stands_in = tiktoken.Encoding("o200k_base", pat_str=r"\S+|\s+", mergeable_ranks=letters, special_tokens={})
    monkeypatch.setitem(registry.ENCODINGS, "o200k_base", stands_in)
    counter = counter_for(teacher(model), TARGET)
    assert counter.own
    assert counter.name == "tiktoken's o200k_base"
    assert counter.count(TEXT) == len(TEXT.encode())
    assert counter.count("<|endoftext|>") == len("<|endoftext|>")


def test_a_models_folder_is_counted_with_the_tokenizer_in_it(tmp_path: Path) -> None:
    word_level(tmp_path / "tokenizer.json")
    counter = counter_for(teacher(str(tmp_path), "vllm"), TARGET)
    assert counter.own
    assert counter.count("dose of 5 mg\ud800") == 4
    assert "tokenizer.json" in counter.name


def test_a_sentencepiece_model_in_the_folder_serves_as_well(tmp_path: Path) -> None:
    package, inner = BUILT_IN["mistral-7b-v0.1"]
    shutil.copy(str(files(package) / inner), tmp_path / "tokenizer.model")
    counter = counter_for(teacher(str(tmp_path), "vllm"), TARGET)
    assert counter.own
    assert counter.count(TEXT) == TARGET.count(TEXT)


def test_a_model_in_the_cache_of_the_hub_is_counted_with_its_own_tokenizer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    model = tmp_path / "models--org--my-model"
    (model / "refs").mkdir(parents=True)
    (model / "refs" / "main").write_text("abc")
    (model / "snapshots" / "abc").mkdir(parents=True)
    word_level(model / "snapshots" / "abc" / "tokenizer.json")
    counter = counter_for(teacher("org/my-model", "vllm"), TARGET)
    assert counter.own
    assert counter.count("dose of 5 mg") == 4


def test_a_damaged_tokenizer_is_said_and_the_target_tokenizer_counts(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{")
    counter = counter_for(teacher(str(tmp_path), "vllm"), TARGET)
    assert not counter.own
    assert counter.count(TEXT) == TARGET.count(TEXT)
    assert "tokenizer.json: cannot be loaded" in counter.note


COUNT = f"""
import json, time
from synthgen import counting
from synthgen.recipe import TeacherSettings
from synthgen.tokens import load_tokenizer
counting.LOAD_SECONDS = 1.0
counter = counting.counter_for(TeacherSettings(backend="openai", model="gpt-4o"), load_tokenizer("mistral-7b-v0.1"))
print(json.dumps([counter.own, counter.name, counter.note, counter.count({TEXT!r})]))
"""


def counted(proxy: str, cache: Path) -> list[object]:
    """What a process says whose only way to the network is `proxy`."""
    env = {"HTTPS_PROXY": proxy, "TIKTOKEN_CACHE_DIR": str(cache), "PATH": ""}
    ran = subprocess.run([sys.executable, "-c", COUNT], env=env, capture_output=True, text=True, check=True, timeout=60)
    found: list[object] = json.loads(ran.stdout)
    return found


@contextmanager
def black_hole() -> Iterator[str]:
    """The address of a proxy that takes connections and never answers; a password stands in it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://user:sentinel-5f2c9a@127.0.0.1:{server.getsockname()[1]}"


def test_a_network_that_swallows_everything_does_not_hang_it(tmp_path: Path) -> None:
    with black_hole() as proxy:
        own, name, note, count = counted(proxy, tmp_path)
    assert (own, count) == (False, TARGET.count(TEXT))
    assert name == "the target tokenizer mistral-7b-v0.1"
    assert "o200k_base: could not be loaded within 1 seconds" in str(note)
    assert "TIKTOKEN_CACHE_DIR" in str(note)


def test_a_damaged_cache_without_a_network_is_said_and_no_password_with_it(tmp_path: Path) -> None:
    with black_hole() as proxy:
        closed = proxy
    (tmp_path / hashlib.sha1(ENCODING_URL.encode()).hexdigest()).write_bytes(b"damaged")
    own, _, note, count = counted(closed, tmp_path)
    assert (own, count) == (False, TARGET.count(TEXT))
    assert "could not be loaded (ProxyError)" in str(note)
    assert "sentinel" not in str(note)
