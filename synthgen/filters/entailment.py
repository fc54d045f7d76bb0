"""A local entailment model reads every statement against the extract; used where the recipe names one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, model_validator

from synthgen.claims.alignment import claims_of
from synthgen.data import Extract, Record, Verdict
from synthgen.errors import RecipeError
from synthgen.filters.base import Filter
from synthgen.filters.evidence import MAX_EVIDENCE, MAX_QUOTE
from synthgen.recipe import FilterSettings
from synthgen.settings import Share

STRIDE = 0.5
"""Windows of an extract that is too long for the model begin so much of a window after each other."""


class EntailmentSettings(FilterSettings):
    model: str | None = None
    """The folder of a sequence classifier for `transformers`, one of whose labels begins with `entail`."""
    threshold: Share = 0.5
    """The probability of entailment below which a statement is not borne."""
    batch: Annotated[int, Field(ge=1)] = 32
    """Pairs of window and statement that the model reads at once."""
    device: str = "cpu"

    @model_validator(mode="before")
    @classmethod
    def _off_without_model(cls, data: Any) -> Any:
        return {"enabled": False, **data} if isinstance(data, Mapping) and not data.get("model") else data


class Entailment(Filter):
    """Rejects `not_entailed`; the score is the least probability of entailment of all statements.

    Vignettes, options and questions claim nothing. A long extract is read in windows, of which the best counts.
    Needs the packages `torch` and `transformers`; nothing is downloaded.
    """

    name = "entailment"
    codes = {"not_entailed": "a model finds that its source does not bear it"}
    order = 90
    alone = True
    Settings = EntailmentSettings
    settings: EntailmentSettings

    def __init__(self, settings: FilterSettings, instructions: Sequence[str] = ()) -> None:
        super().__init__(settings, instructions)
        if self.settings.model is not None:
            _label(Path(self.settings.model))

    def check(self, record: Record, extract: Extract) -> Verdict:
        made = [found for found, _, _ in claims_of(record, extract).made("vignette", "option", "question")]
        if not made:
            return Verdict(self.name, keep=True)
        scores = self._model.entailed(extract.text, [statement.text for statement in made])
        evidence = tuple(
            {"text": found.text[:MAX_QUOTE], "start": found.start, "end": found.end, "probability": round(score, 3)}
            for found, score in zip(made, scores, strict=True)
            if score < self.settings.threshold
        )
        code = "not_entailed" if evidence else ""
        return Verdict(self.name, keep=not evidence, code=code, score=min(scores), evidence=evidence[:MAX_EVIDENCE])

    @cached_property
    def _model(self) -> _Model:
        return _Model(Path(self.settings.model or ""), self.settings)


class _Model:
    """The classifier and its tokenizer."""

    def __init__(self, folder: Path, settings: EntailmentSettings) -> None:
        try:
            import torch
            from transformers import AutoModelForSequenceClassification, AutoTokenizer
        except ImportError as error:
            raise RecipeError(
                f"needs the package {error.name}", where="[filters.entailment]", fix="install torch and transformers"
            ) from error
        try:
            self.tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            model = AutoModelForSequenceClassification.from_pretrained(folder, local_files_only=True)
            self.model = model.to(torch.device(settings.device)).eval()
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise RecipeError(
                f"the model does not load ({type(error).__name__})",
                where=folder,
                fix="check its files with transformers",
            ) from error
        self.label, self.batch = _label(folder), settings.batch
        self.limit = min(self.tokenizer.model_max_length, getattr(model.config, "max_position_embeddings", 512))

    def entailed(self, source: str, statements: Sequence[str]) -> list[float]:
        """For each statement the probability, in [0, 1], that some window of `source` entails it."""
        import torch

        best, pairs = [0.0] * len(statements), list(self._pairs(source, statements))
        for start in range(0, len(pairs), self.batch):
            numbers, windows, hypotheses = zip(*pairs[start : start + self.batch], strict=True)
            read = self.tokenizer(
                list(windows), list(hypotheses), truncation="longest_first", max_length=self.limit, padding=True,
                return_tensors="pt",
            ).to(self.model.device)  # fmt: skip
            with torch.inference_mode():
                found = self.model(**read).logits.softmax(-1)[:, self.label].tolist()
            for number, probability in zip(numbers, found, strict=True):
                best[number] = max(best[number], probability)
        return best

    def _pairs(self, source: str, statements: Sequence[str]) -> Iterator[tuple[int, str, str]]:
        """Each statement, by its number, with each window of the source that fits the model together with it."""
        places = self.tokenizer(source, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
        offsets = places["offset_mapping"]
        for number, statement in enumerate(statements):
            taken = len(self.tokenizer(statement, add_special_tokens=False)["input_ids"])
            room = max(self.limit - taken - self.tokenizer.num_special_tokens_to_add(pair=True), self.limit // 4)
            for start in range(0, max(1, len(offsets) - round(room * STRIDE)), max(1, round(room * STRIDE))):
                window = offsets[start : start + room] or [(0, 0)]
                yield number, source[window[0][0] : window[-1][1]], statement


def _label(folder: Path) -> int:
    """The number of the label that means entailment. Raises RecipeError where the folder holds no such model."""
    try:
        labels = json.loads((folder / "config.json").read_text("utf-8"))["id2label"]
        return next(int(number) for number, name in labels.items() if str(name).lower().startswith("entail"))
    except (OSError, ValueError, KeyError, AttributeError, StopIteration) as error:
        raise RecipeError(
            "holds no entailment model: its config.json names no label that begins with `entail`",
            where=folder,
            fix="give the folder of a natural-language-inference model in [filters.entailment]",
        ) from error
