"""The engine while it runs: starting it, asking it, and what to say when it fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from synthgen.data import CompletionError
from synthgen.engine import failures, process
from synthgen.engine.sampling import sampling_params
from synthgen.errors import TeacherError

PROBE = ({"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"})
LOOK_SECONDS = 0.5
"""Between two looks at an engine that is starting."""


class Engine:
    """vLLM's AsyncLLM with its chat template and its log file; `running` makes one."""

    def __init__(self, core: Any, template: str | None, log: Path) -> None:
        self.core = core
        self.context: int = core.model_config.max_model_len
        """Tokens that prompt and answer may have together."""
        self.defaults: Mapping[str, Any] = core.model_config.get_diff_sampling_param()
        """Sampling that the model itself asks for."""
        self._template = template
        self._log = log
        self._told = _size(log)

    @property
    def batch(self) -> int:
        """How many requests it works on at once."""
        config = self.core.vllm_config
        return int(config.scheduler_config.max_num_seqs * config.parallel_config.data_parallel_size)

    async def answer(self, request_id: str, payload: Mapping[str, Any]) -> Any:
        """The whole output for one request. Cancelling it takes the request out of the engine."""
        params = sampling_params(payload, self.defaults)
        how = chat_parameters(self.core.renderer, self._template, payload.get("chat_template_kwargs", {}))
        _, (prompt,) = await self.core.renderer.render_chat_async([list(payload["messages"])], *how)
        outputs = [output async for output in self.core.generate(prompt, params, request_id)]
        return outputs[-1]

    def failure(self, failure: Exception) -> CompletionError:
        """What to say of an error that `answer` raised."""
        from vllm.v1.engine.exceptions import EngineDeadError

        if isinstance(failure, EngineDeadError) or self.core.errored:
            return failures.died(process.root_cause(self._log, self._told), self._log)
        return failures.request_error(failure, self.context)

    def given_up(self) -> CompletionError:
        """What to say of a request that the engine dropped by itself."""
        cause = process.root_cause(self._log, self._told)
        # What has been told of is not the cause of what comes later.
        self._told = _size(self._log)
        return failures.given_up(cause)


@asynccontextmanager
async def running(
    model: str, options: Mapping[str, Any], template: str | None, log: Path, teacher: str
) -> AsyncIterator[Engine]:
    """The engine for `model`, with `options` by the engine's names, which ends with this context.

    What its processes print goes to the end of the file `log`. Raises TeacherError, with the cause that stands there,
    where it does not start, and where the model's chat template (or `template` in its place) cannot be used.
    """
    with ExitStack() as stack:
        core = await _start(stack, lambda: _make(model, options, template, teacher), log, teacher)
        yield Engine(core, template, log)


def _make(model: str, options: Mapping[str, Any], template: str | None, teacher: str) -> Any:
    """AsyncLLM. What its configuration and a first chat can show to be wrong is found before any weight is read."""
    from vllm.engine.arg_utils import AsyncEngineArgs
    from vllm.renderers import renderer_from_config
    from vllm.usage.usage_lib import UsageContext
    from vllm.v1.engine.async_llm import AsyncLLM

    arguments = AsyncEngineArgs(model=model, **{"disable_log_stats": True, **options})
    # The context of offline work has larger batches than that of a server, which must answer soon.
    context = UsageContext.LLM_CLASS
    config = arguments.create_engine_config(context)
    renderer = renderer_from_config(config)
    try:
        renderer.render_chat([list(PROBE)], *chat_parameters(renderer, template, {}))
    except Exception as failure:
        raise failures.template_error(failure, teacher) from failure
    finally:
        renderer.shutdown()
    return AsyncLLM.from_vllm_config(config, usage_context=context, disable_log_stats=arguments.disable_log_stats)


async def _start(stack: ExitStack, make: Callable[[], Any], log: Path, teacher: str) -> Any:
    """What `make` makes; it stops when `stack` is closed. Cancelling this stops what has started."""
    before, told = process.children(), _size(log)
    starting = asyncio.ensure_future(asyncio.to_thread(process.started, make, log))
    try:
        while not starting.done():
            await asyncio.wait([starting], timeout=LOOK_SECONDS)
            if process.failed_to_start(log, told):
                process.kill(process.children() - before)
        core = starting.result()
    except asyncio.CancelledError:
        while not starting.done():
            process.kill(process.children() - before)
            await asyncio.wait([starting], timeout=LOOK_SECONDS)
        if not starting.exception():
            starting.result().shutdown()
        raise
    except TeacherError:
        raise
    except Exception as failure:
        process.kill(process.children() - before)
        raise failures.start_error(failure, process.root_cause(log, told), teacher, log) from failure
    stack.enter_context(process.logging_into(log))
    stack.callback(core.shutdown)
    stack.enter_context(process.dying_with_us(process.children() - before))
    return core


def chat_parameters(renderer: Any, template: str | None, arguments: Mapping[str, Any]) -> tuple[Any, Any]:
    """How the engine's renderer is to write a chat and to tokenise it. `arguments` are more of the chat template's."""
    from vllm.renderers import ChatParams
    from vllm.utils.mistral import is_mistral_tokenizer

    fixed = {
        "add_generation_prompt": True,
        "continue_final_message": False,
        "tokenize": is_mistral_tokenizer(renderer.tokenizer),
    }
    chat = ChatParams(chat_template=template, chat_template_kwargs={**arguments, **fixed})
    # The template writes the special tokens itself.
    return chat, renderer.default_chat_tok_params.with_kwargs(add_special_tokens=False)


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
