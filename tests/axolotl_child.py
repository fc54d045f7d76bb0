"""What the real trainer makes of packed folders, told as JSON: run in its environment by `test_axolotl.py`.

    python axolotl_child.py MODEL OUT NAME=FOLDER ...

Makes the model where it is not there. For each folder Axolotl prepares the rows and builds its trainer as for
`axolotl train`; what its sampler yields in three epochs is noted, and a batch is run through the model twice, the
second time with other tokens in its first document.
"""

from __future__ import annotations

import json
import os
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

EPOCHS = 3
TEXTS = ["Give 0.5 mg/kg.", "  β ≥ 4.5\n\n- “x”", "日本 😀"]


def make_model(folder: str) -> None:
    """A tiny Mistral with random weights and the vocabulary of the real one."""
    import torch
    from sentencepiece import SentencePieceProcessor
    from transformers import LlamaTokenizer, MistralConfig, MistralForCausalLM
    from transformers.convert_slow_tokenizer import generate_merges

    pieces = SentencePieceProcessor(model_file=str(files("mistral_common") / "data" / "tokenizer.model.v1"))
    names = [pieces.id_to_piece(number) for number in range(pieces.vocab_size())]
    vocabulary = {name: number for number, name in enumerate(names)}
    scores = {name: pieces.get_score(number) for number, name in enumerate(names)}
    LlamaTokenizer(vocab=vocabulary, merges=generate_merges(vocabulary, scores)).save_pretrained(folder)
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    model = MistralForCausalLM(MistralConfig(vocab_size=len(names), num_key_value_heads=1, **sizes))
    model.save_pretrained(folder)


def looked_at(folder: Path) -> dict[str, Any]:
    from axolotl.cli.args import TrainerCliArgs
    from axolotl.cli.config import load_cfg
    from axolotl.common.datasets import load_datasets
    from axolotl.train import setup_model_and_trainer

    os.chdir(folder)
    settings = load_cfg("axolotl.yml")
    trainer = setup_model_and_trainer(settings, load_datasets(cfg=settings, cli_args=TrainerCliArgs()))[0]
    rows = trainer.train_dataset
    loader = trainer.get_train_dataloader()
    epochs = []
    for epoch in range(EPOCHS):
        loader.set_epoch(epoch)
        sampler = loader.batch_sampler
        epochs.append({"made": sampler.generate_batches(), "yielded": list(sampler), "fill": sampler.efficiency()})
    batch = next(batch for batch in loader if len(starts(batch["position_ids"][0])) > 2)
    return {
        "columns": {name: [list(row) for row in rows[name]] for name in ("input_ids", "labels", "position_ids")},
        "epochs": epochs,
        "batch": {name: values.shape for name, values in batch.items()},
        "texts": TEXTS,
        "tokenizer": [trainer.processing_class(text, add_special_tokens=False)["input_ids"] for text in TEXTS],
        "losses": losses_around_a_change(trainer.model.eval(), dict(batch)),
    }


def starts(positions: Any) -> list[int]:
    """Where documents begin in a row of a batch."""
    return [place for place, position in enumerate(positions.tolist()) if position == 0]


def losses_around_a_change(model: Any, batch: dict[str, Any]) -> dict[str, Any]:
    """The loss of each token of the first row with a label, before and after the first document's tokens are others."""
    import torch

    end = starts(batch["position_ids"][0])[1]
    changed = {**batch, "input_ids": batch["input_ids"].clone()}
    changed["input_ids"][0, 1 : end - 1] = torch.arange(500, 500 + end - 2)
    return {"end": end, "before": losses(model, batch), "after": losses(model, changed)}


def losses(model: Any, batch: dict[str, Any]) -> list[float | None]:
    import torch

    labels = batch["labels"][0, 1:]
    with torch.no_grad():
        logits = model(**{name: values for name, values in batch.items() if name != "labels"}).logits[0, :-1]
    found = torch.nn.functional.cross_entropy(logits.float(), labels, reduction="none")
    pairs = zip(found.tolist(), labels.tolist(), strict=True)
    return [loss if label != -100 else None for loss, label in pairs]


def main() -> None:
    model, out, *folders = sys.argv[1:]
    if not Path(model).exists():
        make_model(model)
    target = Path(out).resolve()
    named = [argument.partition("=") for argument in folders]
    found = {name: looked_at(Path(folder)) for name, _, folder in named}
    target.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
