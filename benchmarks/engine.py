"""What the way from a plan through `generate` to vLLM costs, against vLLM's own offline `LLM.chat` on the same prompts.

    ENGINE/bin/python benchmarks/engine.py [--hidden 512 --layers 6] [--requests 96] [--tokens 64] [--repeats 5]

Run it with the python of an environment that has vLLM (`.ci/vllm_env` makes one). The prompts are those of a plan over
`examples/guidelines`, in its order; the model is a random Mistral made on the spot. Both sides begin each repeat with
an empty prefix cache, in turns, and every answer has the same length. Prints the tokens a second of both, the ratio
(goal: 0.97), and the share of the prompt tokens that could be read from the prefix cache and were (goal: 0.95).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import synthgen
from synthgen.backends.vllm import VLLMBackend
from synthgen.budget import Budget
from synthgen.data import Completion, Request
from synthgen.engine import process
from synthgen.engine.sampling import sampling_params
from synthgen.generate import generate
from synthgen.planning import Plan, Teacher
from synthgen.recipe import BudgetSettings, TeacherSettings
from synthgen.storage.tables import read_extracts
from synthgen.transformations import load_transformations

ROOT = Path(__file__).resolve().parents[1]
BLOCK = 32
"""Tokens in a block of the prefix cache: the least that the engine takes on a CPU."""
ENGINE = {"dtype": "bfloat16", "enforce_eager": True, "max_model_len": 4096, "block_size": BLOCK}


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    process.set_environment()
    os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "2")
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model"
        size = ["--hidden", str(options.hidden), "--layers", str(options.layers)]
        subprocess.run([sys.executable, ROOT / "tests" / "tiny_model.py", model, *size], check=True)
        settings = TeacherSettings(
            backend="vllm",
            model=str(model),
            name="vllm",
            structured=False,
            sampling={"max_tokens": options.tokens, "ignore_eos": True},
            options={**ENGINE, "disable_log_stats": False},
        )
        requests = list(islice(planned(settings, Path(folder) / "run"), options.requests))
        asyncio.run(compare(settings, requests, options.repeats))


def planned(settings: TeacherSettings, run: Path) -> Iterable[Request]:
    """The requests of a plan over the examples, every transformation once for each extract."""
    paths = synthgen.run(ROOT / "examples" / "guidelines", out=run).paths
    transformations = load_transformations()
    return Plan(
        extracts=lambda: read_extracts(paths.extracts),
        transformations=transformations,
        weights=dict.fromkeys(transformations, 1.0),
        teachers={settings.name: Teacher(settings, VLLMBackend(settings).identity(), local=True)},
    )


async def compare(settings: TeacherSettings, requests: Sequence[Request], repeats: int) -> None:
    from vllm import LLM

    offline = LLM(model=settings.model, **ENGINE)
    async with VLLMBackend(settings) as backend:
        core = backend._running.core
        ratios = []
        for repeat in range(repeats + 1):
            offline.reset_prefix_cache()
            await core.reset_prefix_cache()
            before = cache_counts()
            theirs, prompts = ask_offline(offline, requests)
            ours = await ask_through_generate(backend, requests)
            if repeat:  # The first one warms both up.
                ratios.append(ours / theirs)
                tell(f"offline {theirs:8.1f} tokens/s   generate {ours:8.1f} tokens/s   ratio {ours / theirs:.3f}")
        asked, hits = (now - then for now, then in zip(cache_counts(), before, strict=True))
        possible = shareable(prompts)
    tell(f"{len(requests)} requests with {asked} prompt tokens")
    tell(f"ratio {statistics.median(ratios):.3f} (median of {repeats}; goal 0.97)")
    tell(f"prefix cache: {hits} tokens read of {possible} that the shared prefixes allow: {hits / possible:.3f}")


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def ask_offline(offline: Any, requests: Sequence[Request]) -> tuple[float, list[list[int]]]:
    """Tokens a second of the engine's own offline call, and the prompts as tokens."""
    params = [sampling_params(request.payload, {}) for request in requests]
    start = time.perf_counter()
    outputs = offline.chat([list(request.payload["messages"]) for request in requests], params, use_tqdm=False)
    seconds = time.perf_counter() - start
    tokens = sum(len(output.outputs[0].token_ids) for output in outputs)
    return tokens / seconds, [output.prompt_token_ids for output in outputs]


async def ask_through_generate(backend: VLLMBackend, requests: Sequence[Request]) -> float:
    """Tokens a second of the same requests through `generate`."""
    tokens = 0

    async def append(completion: Completion) -> None:
        nonlocal tokens
        if completion.error:
            sys.exit(f"{completion.error.code}: {completion.error.message}")
        tokens += completion.usage.completion

    start = time.perf_counter()
    await generate(
        {backend.settings.name: requests},
        {backend.settings.name: backend},
        append=append,
        budget=Budget(BudgetSettings()),
        on_completion=lambda request, completion: None,
    )
    return tokens / (time.perf_counter() - start)


def cache_counts() -> tuple[int, int]:
    """Prompt tokens that the engine has looked for in its prefix cache, and those that it found; its own counters."""
    from vllm.v1.metrics.reader import get_metrics_snapshot

    counts = {metric.name: metric.value for metric in get_metrics_snapshot() if hasattr(metric, "value")}
    return int(counts["vllm:prefix_cache_queries"]), int(counts["vllm:prefix_cache_hits"])


def shareable(prompts: Iterable[Sequence[int]]) -> int:
    """Tokens in whole blocks that an earlier prompt began with, too; the last token of a prompt is always computed."""
    seen: set[tuple[int, ...]] = set()
    tokens = 0
    for prompt in prompts:
        ends = range(BLOCK, len(prompt) + 1, BLOCK)
        tokens += max((end for end in ends if end < len(prompt) and tuple(prompt[:end]) in seen), default=0)
        seen.update(tuple(prompt[:end]) for end in ends)
    return tokens


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    parser.add_argument("--hidden", type=int, default=512, help="width of the model, a multiple of 128")
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--requests", type=int, default=96)
    parser.add_argument("--tokens", type=int, default=64, help="length of every answer")
    parser.add_argument("--repeats", type=int, default=5)
    return parser


if __name__ == "__main__":
    main()
