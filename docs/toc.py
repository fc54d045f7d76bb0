"""Writes the table of contents in `architecture.md` from the modules' docstrings: `python docs/toc.py`."""

import ast
from pathlib import Path

DOCS = Path(__file__).parent
PACKAGE = DOCS.parent / "synthgen"
BEGIN, END = "<!-- modules -->\n", "<!-- end of modules -->\n"

ROOMS = (
    ("", "The ground, and what ties the rooms together"),
    ("recipe", ""),
    ("sources", ""),
    ("sources/pages", ""),
    ("normalise", ""),
    ("extracts", ""),
    ("backends", ""),
    ("endpoint", ""),
    ("engine", ""),
    ("batches", ""),
    ("extractive", ""),
    ("storage", ""),
    ("records", ""),
    ("topics", ""),
    ("quantities", ""),
    ("claims", ""),
    ("filters", ""),
    ("jury", ""),
    ("corpus", ""),
    ("training", ""),
    ("ablation", ""),
    ("pilot", ""),
    ("report", ""),
    ("cli", ""),
)
"""The folders in the order of the data's way, and what to say where `__init__.py` does not."""


def first_sentence(path: Path) -> str:
    """The first sentence of a module's docstring, on one line."""
    docstring = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    paragraph = " ".join(docstring.partition("\n\n")[0].split())
    return paragraph.partition(". ")[0].rstrip(".")


def contents() -> str:
    """A heading for each folder, a line for each module."""
    lines = []
    for room, words in ROOMS:
        modules = sorted((PACKAGE / room).glob("*.py"))
        if not modules:
            continue
        lines += ["", f"### `synthgen/{room}{'/' if room else ''}`", ""]
        lines += [words or first_sentence(PACKAGE / room / "__init__.py"), ""]
        lines += [
            f"- `{path.relative_to(PACKAGE)}`: {first_sentence(path)}" for path in modules if path.stem != "__init__"
        ]
    return "\n".join(lines).lstrip() + "\n"


def page(text: str) -> str:
    """The page with its table of contents as it should be."""
    head, _, rest = text.partition(BEGIN)
    return f"{head}{BEGIN}\n{contents()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    path = DOCS / "architecture.md"
    path.write_text(page(path.read_text("utf-8")), "utf-8")
