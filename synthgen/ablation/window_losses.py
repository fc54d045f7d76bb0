"""A program for the trainer's environment: what each document costs a model, in nats.

    python window_losses.py MODEL ROWS LOSSES [--device cuda]

MODEL is a folder that `transformers` loads. A line of ROWS is `{"doc_id", "bytes", "windows": [[token, ...], ...]}`,
its line in LOSSES `{"doc_id", "nats", "tokens"}`: the sum over all tokens but the first of each window, each predicted
from those before it in its window, and how many they are. It needs torch and transformers, and nothing of synthgen.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def main() -> None:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("model", type=Path)
    parser.add_argument("rows", type=Path)
    parser.add_argument("losses", type=Path)
    parser.add_argument("--device", default="cpu")
    asked = parser.parse_args()
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(asked.model, dtype="auto").to(asked.device).eval()
    lines = []
    with torch.inference_mode(), asked.rows.open(encoding="utf-8") as rows:
        for row in map(json.loads, rows):
            nats = sum(window_loss(model, window, asked.device) for window in row["windows"])
            tokens = sum(len(window) - 1 for window in row["windows"])
            lines.append(json.dumps({"doc_id": row["doc_id"], "nats": nats, "tokens": tokens}) + "\n")
    asked.losses.write_text("".join(lines), encoding="utf-8")


def window_loss(model: Any, window: Sequence[int], device: str) -> float:
    """The sum of the losses of all tokens of `window` but the first, in nats."""
    import torch

    tokens = torch.tensor([window], device=device)
    logits = model(tokens).logits[0, :-1].float()
    return float(torch.nn.functional.cross_entropy(logits, tokens[0, 1:], reduction="sum"))


if __name__ == "__main__":
    main()
