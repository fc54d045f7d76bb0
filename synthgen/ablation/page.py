"""The result as one HTML page that holds all it needs: no script, no font and no picture comes from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files

from synthgen.ablation import plots, tables
from synthgen.ablation.result import Result
from synthgen.ablation.tables import Table
from synthgen.ablation.words import in_short, label, not_shown


def html(result: Result) -> str:
    """The page. What comes from names of arms and measures is escaped."""
    style = plots.styles([arm.name for arm in result.arms])
    body = [
        f"<h1>{tables.TITLE}</h1>",
        f'<p class="lead">{_inline(tables.lead(result))}</p>',
        f'<div class="short">{_list(in_short(result))}</div>',
        *_section("Scores", tables.SCORES, _table(tables.scores(result))),
        *_section("", tables.PLOTS, _score_plots(result, style)),
        *_section("Differences", tables.DIFFERENCES, *_told_apart(result)),
        *_section("Arms", tables.ARMS, _table(tables.arms(result)), _loss_plot(result, style)),
        *_section("Which option was chosen", tables.CHOSEN, _folded("every measure by letter", tables.chosen(result))),
        *_section("What this does not show", "", _list(not_shown(result))),
        *_section("How it was computed", tables.METHOD),
    ]
    css = (files("synthgen.ablation") / "page.css").read_text("utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{tables.TITLE}</title><style>\n{css}</style></head><body>\n" + "\n".join(body) + "\n</body></html>\n"
    )


def _section(title: str, words: str, *parts: str) -> Iterable[str]:
    """A heading, what to know, and the parts; nothing where all parts are empty, unless there are none."""
    if parts and not any(parts):
        return
    if title:
        yield f"<h2>{title}</h2>"
    if words:
        yield f"<p>{_inline(words)}</p>"
    yield from filter(None, parts)


def _table(table: Table) -> str:
    if not table.rows:
        return ""
    head = "".join(f'<th{_words(n, table)} scope="col">{_inline(name)}</th>' for n, name in enumerate(table.head))
    rows = "".join(f"<tr>{''.join(_cell(n, cell, table) for n, cell in enumerate(row))}</tr>" for row in table.rows)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _cell(place: int, cell: tables.Cell, table: Table) -> str:
    inner = _inline(cell.text) + (f"<small>{_inline(cell.note)}</small>" if cell.note else "")
    if cell.mark:
        inner = f'<span class="{cell.mark}">{inner}</span>'
    return f"<td{_words(place, table)}>{inner}</td>"


def _words(place: int, table: Table) -> str:
    return ' class="words"' if place in table.words else ""


def _score_plots(result: Result, style: dict[str, tuple[str, str]]) -> str:
    figures = []
    for measure in result.measures:
        scores = [score for score in result.scores if score.measure == measure.name]
        drawn = plots.score_plot(measure, scores, style)
        figures.append(f"<figure><figcaption>{escape(label(measure.name))}</figcaption>{drawn}</figure>")
    return f'<div class="plots">{"".join(figures)}</div>' if figures else ""


def _loss_plot(result: Result, style: dict[str, tuple[str, str]]) -> str:
    curves = [curve for curve in result.curves if curve.losses]
    if not curves:
        return ""
    legend = "".join(
        f'<li><span style="border-color:{style[arm][0]};border-top-style:{"dashed" if style[arm][1] else "solid"}">'
        f"</span>{escape(arm)}</li>"
        for arm in dict.fromkeys(curve.arm for curve in curves)
    )
    return (
        f'<h3>Training loss</h3><ul class="legend">{legend}</ul>'
        f'<div class="scroll"><div class="wide">{plots.loss_plot(curves, style)}</div></div>'
    )


def _told_apart(result: Result) -> Iterable[str]:
    noise = tables.noise(result)
    yield _table(tables.told_apart(result))
    yield _folded(f"{len(noise.rows)} that are noise", noise)


def _folded(title: str, table: Table) -> str:
    """A long table, shown when asked for."""
    return f"<details><summary>{title}</summary>{_table(table)}</details>" if table.rows else ""


def _list(sentences: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{_inline(sentence)}</li>' for sentence in sentences)}</ul>"


def _inline(text: str) -> str:
    """The text with its names in code and what is between two asterisks in bold, all else escaped."""
    marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", marked)
