"""Makes a random Mistral with the real tokenizer and a chat template, for the tests and benchmarks of the engine.

Run with the python of an environment that has vLLM: `python tests/tiny_model.py FOLDER [--hidden 256 --layers 2]`.
"""

from __future__ import annotations

import argparse
from importlib.resources import files
from pathlib import Path

CHAT_TEMPLATE = """\
{{ bos_token }}{% for message in messages %}[{{ message.role }}]
{{ message.content }}
{% endfor %}{% if add_generation_prompt %}[assistant]
{% endif %}"""
HEAD = 32
"""Elements of an attention head: the least that the engine's kernels take."""


def make_model(folder: Path, hidden: int, layers: int, context: int) -> None:
    """Writes configuration, weights and tokenizer to `folder`; always the same for the same sizes."""
    import torch
    from transformers import MistralConfig, MistralForCausalLM

    torch.manual_seed(0)
    config = MistralConfig(
        vocab_size=32_000,
        hidden_size=hidden,
        intermediate_size=hidden * 7 // 2,
        num_hidden_layers=layers,
        num_attention_heads=hidden // HEAD,
        num_key_value_heads=max(1, hidden // HEAD // 4),
        max_position_embeddings=context,
        sliding_window=None,
        tie_word_embeddings=True,
    )
    MistralForCausalLM(config).to(torch.bfloat16).save_pretrained(folder)
    write_tokenizer(folder)


def write_tokenizer(folder: Path) -> None:
    """Mistral-7B-v0.1's tokenizer in the format of `transformers`, with a chat template."""
    from sentencepiece import SentencePieceProcessor
    from transformers import LlamaTokenizer
    from transformers.convert_slow_tokenizer import generate_merges

    pieces = SentencePieceProcessor(model_file=str(files("mistral_common") / "data" / "tokenizer.model.v1"))
    names = [pieces.id_to_piece(number) for number in range(pieces.vocab_size())]
    vocabulary = {name: number for number, name in enumerate(names)}
    scores = {name: pieces.get_score(number) for number, name in enumerate(names)}
    tokenizer = LlamaTokenizer(vocab=vocabulary, merges=generate_merges(vocabulary, scores))
    tokenizer.chat_template = CHAT_TEMPLATE
    tokenizer.save_pretrained(folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--context", type=int, default=4096)
    make_model(**vars(parser.parse_args()))
