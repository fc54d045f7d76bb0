"""What a run's packed set is, in a few facts for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synthgen.report.result import RunResult

FORMS = {
    "documents": "one document a row",
    "bins": "one document a row, in the order of the windows",
    "windows": "one window a row",
}


def facts(run: RunResult) -> list[tuple[str, str]]:
    """Names and values; none where nothing is packed yet."""
    packed = run.stage("pack")
    if not packed:
        return []
    found = [
        ("Rows", f"{packed['rows']:,}, {FORMS[packed['form']]}; {packed['cut']:,} documents were cut"),
        ("Tokens", f"{packed['tokens']:,} with BOS and EOS; {packed['learned']:,} are learned{_left_out(packed)}"),
        ("Windows", windows(packed)),
    ]
    if schedule := packed["schedule"]:
        each = f"of {schedule['windows_a_step']:,} windows, {schedule['windows_a_step'] * schedule['window']:,} tokens"
        found.append(("Training", f"{schedule['steps']:,} steps {each}"))
    return found


def _left_out(packed: Mapping[str, Any]) -> str:
    return f"; {packed['left_out']:,} pieces with nothing to learn were left out" if packed["left_out"] else ""


def windows(packed: Mapping[str, Any]) -> str:
    """The windows of an epoch: those that were filled, or as the trainer will fill them."""
    schedule = packed["schedule"]
    if packed["form"] != "documents" or not schedule:
        filled = packed["tokens"] / (packed["windows"] * packed["window"])
        least = "at least " if packed["form"] == "documents" else ""
        return f"{least}{packed['windows']:,} of {packed['window']:,} tokens, {filled:.2%} full"
    return (
        f"about {schedule['windows']:,} of {packed['window']:,} tokens an epoch, {schedule['fill']:.2%} full, as the "
        "trainer fills them"
    )
