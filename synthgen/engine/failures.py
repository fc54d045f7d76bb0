"""What went wrong in the engine, in words that say what to do; none of them holds text of a document."""

from __future__ import annotations

import re
from pathlib import Path

from synthgen.data import CompletionError
from synthgen.engine.sampling import said
from synthgen.errors import RecipeError, TeacherError

_MEMORY = re.compile(r"memory|kv.?cache", re.IGNORECASE)
_KILLED = re.compile(r"': -9\b")
_MORE_ROOM = (
    "lower max_model_len or max_num_seqs, spread the model with tensor_parallel_size, or change gpu_memory_utilization "
    "(lower where others use the GPU, higher where it is free; VLLM_CPU_KVCACHE_SPACE in GiB on a CPU)"
)
_PROMPT_LENGTH = frozenset({"input_tokens", "input_text"})
"""What the engine calls the parameter that is at fault when a prompt is too long."""


def start_error(failure: BaseException, cause: str, teacher: str, log: Path) -> TeacherError:
    """The error for an engine that did not start. `cause` is what its processes said; `log` where all of it stands."""
    said_here = said(failure)
    if _KILLED.search(said_here):
        cause = cause or "its process was killed (signal 9), as a system does that is out of memory"
    words = cause or said_here
    fix = _MORE_ROOM if _MEMORY.search(words) else "check `model` and the options"
    return TeacherError(f"vLLM does not start ({words})", where=f"teacher {teacher}", fix=_with_log(fix, log))


def template_error(failure: BaseException, teacher: str) -> TeacherError:
    """The error for a model that cannot be asked, because nothing says how a chat is written for it."""
    return TeacherError(
        f"the model has no chat template that takes a system and a user message ({said(failure)})",
        where=f"teacher {teacher}",
        fix="give one, as text or path, with the option chat_template",
    )


def died(cause: str, log: Path) -> CompletionError:
    """The error for a request whose engine is gone, and with it every other request."""
    words = cause or "its process was killed, as a system does that is out of memory"
    fix = _MORE_ROOM if _MEMORY.search(words) else "start again, and look for the cause if it comes back"
    return CompletionError("fatal", "engine_died", f"vLLM's engine died: {words}; {_with_log(fix, log)}")


def too_long(limit: int) -> CompletionError:
    """The error for a prompt that leaves no room for an answer in a context of `limit` tokens."""
    message = f"the prompt does not fit the model's context of {limit} tokens"
    return CompletionError("rejected", "context_length", message)


def given_up(cause: str) -> CompletionError:
    """The error for a request that the engine, living on, dropped by itself, as for a schema that it cannot compile."""
    message = f"the engine gave the request up ({cause})" if cause else "the engine gave the request up"
    return CompletionError("retryable", "engine_error", message)


def request_error(failure: Exception, limit: int) -> CompletionError:
    """The error for a request that the engine, in good health, refused or failed at."""
    from vllm.exceptions import VLLMClientError

    if isinstance(failure, VLLMClientError):
        if getattr(failure, "parameter", None) in _PROMPT_LENGTH:
            return too_long(limit)
        return CompletionError("rejected", "invalid_request", said(failure))
    if isinstance(failure, RecipeError):
        return CompletionError("rejected", "invalid_request", failure.what)
    if isinstance(failure, ValueError | TypeError):
        # Words of a tokenizer or a template may quote the prompt.
        message = f"the engine cannot take the request ({type(failure).__name__})"
        return CompletionError("rejected", "invalid_request", message)
    return CompletionError("retryable", "engine_error", f"the engine failed at it ({type(failure).__name__})")


def _with_log(fix: str, log: Path) -> str:
    return f"{fix}; what the engine printed stands in {log}"
