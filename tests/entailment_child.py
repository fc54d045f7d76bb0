"""Makes a small entailment model and judges with it; run with the python of an environment that has `transformers`.

`python entailment_child.py FOLDER` prints one line of JSON: for each text that was judged, its code and score.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from synthgen.data import Extract, Record
from synthgen.filters import build_filters
from synthgen.filters.entailment import Entailment

SOURCE = "Offer metformin twice daily. Do not give insulin. Check the feet every year."
FILLER = "Review the plan with the patient often. "
BORNE = ("Metformin is offered twice daily.", "Insulin is not given.", "The feet are checked every year.")
NOT_BORNE = ("Insulin is offered twice daily.", "Metformin is not given.", "The eyes are checked every year.")


def make_model(folder: Path) -> None:
    """Trains a tiny classifier until it knows the statements above."""
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.normalizers import Lowercase
    from tokenizers.pre_tokenizers import Whitespace
    from tokenizers.processors import BertProcessing
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    torch.manual_seed(0)
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    words = sorted({word.lower() for word in " ".join([SOURCE, FILLER, *BORNE, *NOT_BORNE]).replace(".", " .").split()})
    backend = Tokenizer(WordLevel({word: number for number, word in enumerate([*special, *words])}, unk_token="[UNK]"))
    backend.normalizer, backend.pre_tokenizer = Lowercase(), Whitespace()
    backend.post_processor = BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        model_max_length=48,
    )  # fmt: skip
    config = BertConfig(
        vocab_size=len(special) + len(words), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=48, id2label={0: "contradiction", 1: "ENTAILMENT"},
        label2id={"contradiction": 0, "ENTAILMENT": 1}, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    model = BertForSequenceClassification(config)
    statements = [*BORNE, *NOT_BORNE]
    # A window without the sentences bears nothing.
    batch = tokenizer(
        [SOURCE] * 6 + [FILLER * 3] * 6, statements * 2, padding=True, truncation=True, return_tensors="pt"
    )
    labels = torch.tensor([1, 1, 1, *[0] * 9])
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    loss = torch.tensor(1.0)
    while loss.item() > 0.05:
        optimiser.zero_grad()
        loss = model(**batch, labels=labels).loss
        loss.backward()
        optimiser.step()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def main(folder: Path) -> None:
    make_model(folder)
    [one] = [one for one in build_filters({"entailment": {"model": str(folder)}}) if isinstance(one, Entailment)]
    judged = {
        "borne": (BORNE, SOURCE),
        "not borne": ((*BORNE, NOT_BORNE[0]), SOURCE),
    }
    told: dict[str, dict[str, Any]] = {}
    for name, (statements, source) in judged.items():
        text = " ".join(statements)
        record = Record("r", "e", "distill", 1, "text", "t", 0, text, "stop", {"text": text}, None, text)
        verdict = one.check(record, Extract("d", 0, len(source), source, 0))
        told[name] = {
            "code": verdict.code,
            "score": verdict.score,
            "texts": [item["text"] for item in verdict.evidence],
        }
    long = "".join(f"{FILLER}{SOURCE} " for _ in range(9))
    windows = [window for _, window, _ in one._model._pairs(long, [BORNE[0]])]
    told["windows"] = {"all": all(window in long for window in windows), "last": windows[-1], "count": len(windows)}
    told["windows"]["score"] = one._model.entailed(long, [BORNE[0]])[0]
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
