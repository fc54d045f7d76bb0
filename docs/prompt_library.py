"""Writes the list of transformations in `transformations.md` from their files: `python docs/prompt_library.py`."""

from collections.abc import Iterator
from pathlib import Path

from synthgen.data import Transformation
from synthgen.transformations import load_transformations

DOCS = Path(__file__).parent
ANSWERS = DOCS.parent / "examples" / "answers"
BEGIN, END = "<!-- library -->\n", "<!-- end of library -->\n"
NEEDS = {None: "", "quantities": "Only for extracts that hold quantities. "}


def table(library: dict[str, Transformation]) -> Iterator[str]:
    """What each asks for, a line each."""
    yield "| name | kind | what it asks for |"
    yield "|---|---|---|"
    for name, transformation in library.items():
        yield f"| [`{name}`](#{name}) | {transformation.kind} | {transformation.summary} |"


def section(transformation: Transformation) -> Iterator[str]:
    """One transformation: what it is for, what varies, and the example."""
    yield f"### {transformation.name}"
    yield ""
    yield f"{transformation.summary} {NEEDS[transformation.needs]}Evidence: {transformation.evidence}"
    yield ""
    for axis, values in transformation.vary.items():
        yield f"- **{axis}**: {'; '.join(values)}"
    if transformation.ask:
        yield f"- *in a form with instructions*: {' '.join(transformation.ask)}"
    suffix = "txt" if transformation.schema is None else "json"
    answer = (ANSWERS / f"{transformation.name}.{suffix}").read_text("utf-8").strip()
    yield ""
    yield f"```{'text' if suffix == 'txt' else suffix}"
    yield answer
    yield "```"
    yield ""


def page(text: str) -> str:
    """The page with its list as it should be."""
    library = load_transformations()
    lines = [*table(library), ""]
    for transformation in library.values():
        lines += section(transformation)
    head, _, rest = text.partition(BEGIN)
    contents = "\n".join(lines).rstrip()
    return f"{head}{BEGIN}\n{contents}\n\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    path = DOCS / "transformations.md"
    path.write_text(page(path.read_text("utf-8")), "utf-8")
