"""Makes a tokenizer and small random Mistrals for an ablation from scratch: one model for each seed.

    python make_model.py GUIDELINES FOLDER [--seeds 1 2 3] [--vocabulary 4096] [--hidden 192] [--layers 4]

Run it with the python of the trainer's environment. GUIDELINES is a folder of text or Markdown files, from which the
tokenizer is learnt. It writes `FOLDER/tokenizer.model`, for `tokenizer` in the recipe, and the models `FOLDER/seed-1`
and so on, for `base_model = "FOLDER/seed-{seed}"`.

A small vocabulary, because with that of a large model most of a small one would be its embeddings, and most of its
time would go into the last layer.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

HEAD = 32
"""Elements of an attention head."""
CONTEXT = 1024


def texts(folder: Path) -> list[str]:
    """The files of `folder` in the order of their names."""
    found = [path.read_text("utf-8") for path in sorted(folder.rglob("*")) if path.suffix in {".md", ".txt"}]
    if not found:
        raise SystemExit(f"{folder} holds no .md or .txt file")
    return found


def make_tokenizer(documents: list[str], path: Path, vocabulary: int) -> None:
    """A byte-pair encoding as Mistral's: nothing normalised, digits one by one, what is unknown in bytes."""
    from sentencepiece import SentencePieceTrainer

    model = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=(line for text in documents for line in text.splitlines() if line.strip()),
        model_writer=model,
        model_type="bpe",
        vocab_size=vocabulary,
        byte_fallback=True,
        split_digits=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True,
        max_sentence_length=1 << 20,
        num_threads=1,
        minloglevel=2,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.getvalue())


def write_tokenizer(model: Path, folder: Path, sample: str) -> None:
    """The tokenizer in the format of `transformers`, which must give the same ids."""
    from sentencepiece import SentencePieceProcessor
    from transformers import LlamaTokenizer
    from transformers.convert_slow_tokenizer import generate_merges

    pieces = SentencePieceProcessor(model_file=str(model))
    names = [pieces.id_to_piece(number) for number in range(pieces.vocab_size())]
    ids = {name: number for number, name in enumerate(names)}
    scores = {name: pieces.get_score(number) for number, name in enumerate(names)}
    tokenizer = LlamaTokenizer(vocab=ids, merges=generate_merges(ids, scores))
    if tokenizer.encode(sample, add_special_tokens=False) != pieces.encode(sample):
        raise SystemExit("the tokenizer is another one in the format of transformers")
    tokenizer.save_pretrained(folder)


def make_model(folder: Path, seed: int, vocabulary: int, hidden: int, layers: int) -> int:
    """Writes configuration and random weights, always the same for the same seed; returns their number."""
    import torch
    from transformers import MistralConfig, MistralForCausalLM

    torch.manual_seed(seed)
    config = MistralConfig(
        vocab_size=vocabulary,
        hidden_size=hidden,
        intermediate_size=hidden * 7 // 2,
        num_hidden_layers=layers,
        num_attention_heads=hidden // HEAD,
        num_key_value_heads=max(1, hidden // HEAD // 3),
        max_position_embeddings=CONTEXT,
        sliding_window=None,
        tie_word_embeddings=True,
    )
    model = MistralForCausalLM(config)
    model.save_pretrained(folder)
    return sum(parameter.numel() for parameter in model.parameters())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("guidelines", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--vocabulary", type=int, default=4096)
    parser.add_argument("--hidden", type=int, default=192)
    parser.add_argument("--layers", type=int, default=4)
    asked = parser.parse_args()
    documents = texts(asked.guidelines)
    tokenizer = asked.folder / "tokenizer.model"
    make_tokenizer(documents, tokenizer, asked.vocabulary)
    for seed in asked.seeds:
        folder = asked.folder / f"seed-{seed}"
        size = make_model(folder, seed, asked.vocabulary, asked.hidden, asked.layers)
        write_tokenizer(tokenizer, folder, documents[0])
        print(f"{folder}: {size:,} parameters")


if __name__ == "__main__":
    main()
