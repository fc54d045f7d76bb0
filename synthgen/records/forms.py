"""The forms of training text: plain text, Alpaca's, or that of a chat template.

Filters judge a record's plain text, to which their evidence refers; the training text is made from the record whenever
it is needed. Where a turn within it ends as the model's own turns do, it holds `EOS_MARK`, which encoding makes the
EOS token. In front of a text and behind it nothing stands: packing puts BOS and EOS there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from synthgen.data import Record
from synthgen.errors import RecipeError
from synthgen.recipe import RenderSettings
from synthgen.records.chat import check_template, render_chat
from synthgen.records.exchanges import exchanges, messages
from synthgen.tokens import EOS_MARK


@dataclass(frozen=True, slots=True)
class Rendered:
    """A training text. `learned` are the ranges of its characters that a teacher answered; empty means all of it."""

    text: str
    learned: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A form by its name (`plain`, `alpaca` or `chat`), and the text of its chat template."""

    name: str
    template: str = ""

    def render(self, record: Record) -> Rendered:
        """The training text of `record`; that of a record without content is empty.

        Raises RecipeError where the template cannot take the record, though it took an example.
        """
        return _RENDER[self.name](record, self) if record.content is not None else Rendered("")


PLAIN = Form("plain")


def make_form(settings: RenderSettings) -> Form:
    """The form that a recipe asks for. Raises RecipeError for a template that cannot be read or does not work."""
    if settings.template is None:
        return Form(settings.form)
    path = Path(settings.template)
    try:
        template = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"the chat template cannot be read ({error})", where=path, fix="check the path") from error
    check_template(template, str(path))
    return Form(settings.form, template)


def _plain(record: Record, form: Form) -> Rendered:
    return Rendered(record.text)


def _alpaca(record: Record, form: Form) -> Rendered:
    turns, text, learned = exchanges(record), "", []
    for number, turn in enumerate(turns, 1):
        text += f"### Instruction:\n{turn.prompt}\n\n### Response:\n"
        start = len(text)
        # Without it a model learns to go on by asking.
        text += turn.answer + (EOS_MARK if number < len(turns) else "")
        learned.append((start, len(text)))
        text += "\n\n" if number < len(turns) else ""
    return Rendered(text, tuple(learned))


def _chat(record: Record, form: Form) -> Rendered:
    return Rendered(*render_chat(messages(record), form.template))


_RENDER: Mapping[str, Callable[[Record, Form], Rendered]] = {"plain": _plain, "alpaca": _alpaca, "chat": _chat}
