"""Conversations in the form of a chat template: a Jinja template as Hugging Face's tokenizers have them.

A template sees `messages`, `bos_token`, `eos_token`, `add_generation_prompt` (false) and `raise_exception`, and runs in
Jinja's sandbox. It is the user's own; messages are data, and template syntax in them has no effect.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NoReturn

from synthgen.data import Message
from synthgen.errors import RecipeError
from synthgen.tokens import BOS_MARK, EOS_MARK

if TYPE_CHECKING:
    from jinja2 import Template

BEGIN, END = "\ufdd2", "\ufdd3"
"""Put around each answer before it goes through the template, to find it again behind it."""

_TURN_END = re.compile(rf"{EOS_MARK}|<\|[^|<>\s]+\|>|</?\w+>")
"""How a template ends a turn: it is learned with the answer, so that a model learns to stop."""

_AROUND = f" \n\r\t{BOS_MARK}{EOS_MARK}"
_EXAMPLE: Sequence[Message] = (
    {"role": "user", "content": "What is asked first?"},
    {"role": "assistant", "content": "What is answered first."},
    {"role": "user", "content": "What is asked then?"},
    {"role": "assistant", "content": "What is answered then."},
)


def check_template(template: str, where: str) -> None:
    """Raises RecipeError where `template` does not render a conversation, or leaves out a part of it."""
    for example in (_EXAMPLE[:2], _EXAMPLE):
        try:
            text, _ = render_chat(example, template)
        except RecipeError as error:
            why = f": {error.__cause__}" if error.__cause__ else ""
            raise RecipeError(f"{error.what}{why}", where=where, fix=error.fix) from error
        at = 0
        for message in example:
            at = text.find(message["content"], at)
            if at < 0:
                what = f"the chat template leaves out what the {message['role']} says"
                raise RecipeError(what, where=where, fix="write the content of each message, in their order")


def render_chat(messages: Sequence[Message], template: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The conversation as one text, and the ranges of its characters that the assistant's answers are.

    White space, BOS and EOS around the text are taken off; within it the last two are `BOS_MARK` and `EOS_MARK`.
    Raises RecipeError where the template fails.
    """
    marked = [
        {**message, "content": f"{BEGIN}{message['content']}{END}"} if message["role"] == "assistant" else message
        for message in messages
    ]
    try:
        text = _compiled(template).render(
            messages=marked, bos_token=BOS_MARK, eos_token=EOS_MARK, add_generation_prompt=False
        )
    # A template is a program: it can fail in any way. What it says then may hold a document's text.
    except Exception as error:
        what = f"the chat template fails ({type(error).__name__})"
        raise RecipeError(what, where="[render] template", fix="mend it") from error
    return _without_marks(text.strip(_AROUND), sum(message["role"] == "assistant" for message in messages))


@lru_cache(maxsize=4)
def _compiled(template: str) -> Template:
    from jinja2 import TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def raise_exception(message: str) -> NoReturn:
        raise TemplateError(message)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.globals["raise_exception"] = raise_exception
    # In a template, unlike in a document, these words mean the tokens.
    return environment.from_string(template.replace("<s>", BOS_MARK).replace("</s>", EOS_MARK))


def _without_marks(text: str, answers: int) -> tuple[str, tuple[tuple[int, int], ...]]:
    """`text` without the marks around answers, and where the answers stand then, each with the end of its turn."""
    before, *parts = text.split(BEGIN)
    clean, learned = before, []
    for part in parts:
        answer, _, behind = part.partition(END)
        turn_end = _TURN_END.match(behind)
        learned.append((len(clean), len(clean) + len(answer) + (turn_end.end() if turn_end else 0)))
        clean += answer + behind
    if len(learned) != answers or END in clean or "" in (clean[start:end] for start, end in learned):
        what = "the chat template does not write each answer once, as it is"
        raise RecipeError(what, where="[render] template", fix="write the content of each message once")
    return clean, tuple(learned)
