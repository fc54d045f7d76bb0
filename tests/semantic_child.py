"""Embeds texts with a model and prints what of it the tests look at; run with the python of an environment that has
`transformers`.

`python semantic_child.py FOLDER` makes a small model in FOLDER/model and embeds texts into FOLDER/vectors, twice.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from synthgen.corpus import embedding
from synthgen.corpus.embedding import Embedder, embed
from synthgen.corpus.semantic import semantic_duplicates

TEXTS = [
    "Give metformin twice daily with food and check the kidneys every year.",
    "Check the kidneys every year and give metformin twice daily with food.",
    "Vaccinate infants at two months and again at four.",
    "",
    "Offer exercise. " * 60,
    "Offer exercise. " * 75,
]


def make_model(folder: Path) -> None:
    """A BERT of two layers with random weights: texts of the same words are alike, others less so."""
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from tokenizers.processors import BertProcessing
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(0)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *sorted({word for text in TEXTS for word in text.split()}), "."]
    backend = Tokenizer(WordLevel({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
    backend.pre_tokenizer, backend.post_processor = Whitespace(), BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        model_max_length=48,
    ).save_pretrained(folder)  # fmt: skip
    config = BertConfig(
        vocab_size=len(words), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=48,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)


def main(folder: Path) -> None:
    make_model(folder / "model")
    model, encoded = Embedder(folder / "model"), list[int]()
    embedding.BLOCK = 2
    vectors = embed(TEXTS, folder / "vectors", model)
    work = folder / ".again-blocks"
    work.mkdir()
    # As if a first attempt had been killed behind its second block.
    for block in (TEXTS[:2], TEXTS[2:4]):
        np.save(work / f"{embedding._digest(model.fingerprint, block)}.npy", model.encode(block))
    encode = Embedder.encode

    def counted(self: Embedder, texts: list[str]) -> embedding.Vectors:
        encoded.append(len(texts))
        return encode(self, texts)

    Embedder.encode = counted  # type: ignore[method-assign, assignment]
    again = embed(TEXTS, folder / "again", model)
    found = semantic_duplicates(vectors, np.array([0, 1, 2, 4, 5]), 0.95)
    told = {
        "shape": vectors.shape,
        "lengths": np.linalg.norm(vectors.astype(np.float32), axis=1).round(2).tolist(),
        "same": bool((vectors == again).all()),
        "encoded": encoded,
        "left": sorted(path.name for path in folder.iterdir()),
        "pairs": list(zip(found.dropped.tolist(), found.stays.tolist(), strict=True)),
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
