"""The arms: which rows of which parts each is trained on, so that all have the same number of tokens."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synthgen.ablation.data import Arm, Portion
from synthgen.corpus.flat import Hashes, Ints
from synthgen.corpus.ngrams import mix
from synthgen.errors import UsageError
from synthgen.recipe import AblationSettings

Mix = Mapping[str, float]
"""The share of an arm's tokens by part."""


@dataclass(frozen=True, slots=True)
class Stock:
    """The rows that a part has: their `lengths` in tokens, BOS and EOS included, and their `keys`.

    A key is a number that belongs to the row whatever place it has; by it the order is drawn in which rows are taken.
    """

    lengths: Ints
    keys: Hashes

    @property
    def tokens(self) -> int:
        return int(self.lengths.sum())


@dataclass(frozen=True, slots=True)
class Taken:
    """Rows of the part called `part` that an arm has, by their places in its stock; one that is repeated comes again,
    and `times` says how often a row has come before."""

    part: str
    rows: Ints
    times: Ints


def mixes(settings: AblationSettings, made_by: Mapping[str, Sequence[str]]) -> dict[str, Mix]:
    """The arms by name: those that the recipe names, then one for each transformation or teacher to be left out.

    `made_by` has the values of these that the set has. Raises UsageError where one is the only one, so that nothing
    would be left, and where two arms have one name.
    """
    found: dict[str, Mix] = dict(settings.arms)
    for trait in settings.leave_out:
        if len(made_by[trait]) < 2:
            raise UsageError(
                f"the set has one {trait} only ({', '.join(made_by[trait])})",
                where="ablation.leave_out",
                fix=f"take {trait!r} out of it",
            )
        for value in made_by[trait]:
            name = without_name(value)
            if name in found:
                raise UsageError("two arms have this name", where=f"arm {name}", fix="rename the other")
            found[name] = {f"set_{name}": 1.0}
    return found


def without_name(value: str) -> str:
    """The name of the arm without a transformation or teacher; also that of a folder."""
    return f"without_{re.sub(r'[^a-z0-9_.-]+', '-', value.lower()).strip('-')}"


def budget(settings: AblationSettings, mixed: Iterable[Mix], stocks: Mapping[str, Stock]) -> int:
    """The tokens that each arm gets. Raises UsageError where a part that an arm needs is empty."""
    needed = {part for shares in mixed for part in shares}
    for part in sorted(needed):
        if not stocks[part].tokens:
            raise UsageError("it is empty", where=f"part {part}", fix="take the arms with it out of [ablation]")
    return settings.tokens or max(stocks[part].tokens for part in needed)


def take(shares: Mix, stocks: Mapping[str, Stock], tokens: int, seed: int) -> list[Taken]:
    """Rows for an arm of `tokens`, by part in the order of their names.

    A part's rows are taken in an order drawn by their keys and `seed`, all of them before one comes again, as long as
    they fit. What a part falls short of its share, by less than a row, the next may have: the arm has at most `tokens`,
    and is short of them by less than the longest row. Raises UsageError where no row fits.
    """
    found, upto, had = list[Taken](), 0.0, 0
    for part in sorted(shares):
        upto += shares[part] * tokens
        taken = _first(stocks[part], round(upto) - had, seed)
        had += int(stocks[part].lengths[taken[0]].sum())
        found.append(Taken(part, *taken))
    if not had:
        raise UsageError(f"no row fits into {tokens} tokens", where="ablation.tokens", fix="give arms more")
    return found


def arm(
    name: str, shares: Mix, taken: Iterable[Taken], stocks: Mapping[str, Stock], window: int, same_as: str | None
) -> Arm:
    """What there is to say of an arm."""
    portions = tuple(
        Portion(
            part=one.part,
            share=shares[one.part],
            available=stocks[one.part].tokens,
            tokens=int(stocks[one.part].lengths[one.rows].sum()),
            rows=len(one.rows),
        )
        for one in taken
    )
    return Arm(name, portions, window, same_as)


def same(mixed: Mapping[str, Mix], keys: Mapping[str, str]) -> dict[str, str]:
    """The arms that would have the rows of an earlier one, and which; `keys` says of parts what they are made from."""
    first, found = dict[frozenset[tuple[str, float]], str](), dict[str, str]()
    for name, shares in mixed.items():
        whole: dict[str, float] = {}
        for part, share in shares.items():
            whole[keys[part]] = whole.get(keys[part], 0.0) + share
        earlier = first.setdefault(frozenset((key, round(share, 9)) for key, share in whole.items()), name)
        if earlier != name:
            found[name] = earlier
    return found


def _first(stock: Stock, tokens: int, seed: int) -> tuple[Ints, Ints]:
    """As many rows as fit into `tokens`, and how often each has come before."""
    order = np.argsort(mix(stock.keys ^ mix(np.array([seed], np.uint64))), kind="stable")
    passes, rest = divmod(max(tokens, 0), stock.tokens)
    upto = int(np.searchsorted(np.cumsum(stock.lengths[order]), rest, side="right"))
    rows = np.concatenate([np.tile(order, passes), order[:upto]])
    return rows, np.repeat(np.arange(passes + 1), [len(order)] * passes + [upto])
