"""How a run is shared out to several hosts, so that its caps hold without a word between them.

The caps are dealt when a shard comes to a run that no other is at work on: each part of the plan may take what it has
taken so far, and of what is left of a cap the share that it has of the owed requests. These allowances add up to the
cap and stand in `run.json` until the plan, the caps or the number of shards change, or all shards have ended. What a
part has taken is read from the journal, so a shard that is killed and comes back goes on with what is left of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace

from synthgen.budget import Cap
from synthgen.planning import Plan, Shard
from synthgen.recipe import BudgetSettings
from synthgen.storage.index import JournalIndex
from synthgen.storage.state import Allowance, Shares


@dataclass(frozen=True, slots=True)
class Part:
    """What a part of the plan comes to: its requests, those settled, what they were charged, the owed by teacher."""

    requests: int
    settled: int
    usd: float
    owed_by_teacher: Mapping[str, int]

    @property
    def owed(self) -> int:
        return self.requests - self.settled


def count(plan: Plan, journal: JournalIndex, settled: Container[str]) -> Part:
    """What `plan` comes to, given the journal and which of its requests are settled."""
    requests = 0
    usd = 0.0
    owed: Counter[str] = Counter()
    for request in plan:
        requests += 1
        usd += journal.cost(request.request_id)
        if request.request_id not in settled:
            owed[request.teacher] += 1
    return Part(requests, requests - owed.total(), usd, owed)


def shards(of: int) -> list[Shard]:
    """All shards of a run that is shared out to so many."""
    return [Shard(number, of) for number in range(1, of + 1)]


def share_out(key: str, budget: BudgetSettings, parts: Sequence[Part], settled: int, usd: float) -> Shares:
    """The shares of a run whose journal holds so many settled requests and was charged so many dollars."""
    owed = sum(part.owed for part in parts)
    allowances, end = [], 0
    for part in parts:
        start, end = end, end + part.owed
        requests = dollars = None
        if budget.requests is not None:
            left = max(0, budget.requests - settled)
            requests = part.settled + (left * end // owed - left * start // owed if owed else 0)
        if budget.usd is not None:
            dollars = part.usd + (max(0.0, budget.usd - usd) * part.owed / owed if owed else 0.0)
        allowances.append(Allowance(requests, dollars))
    return Shares(key, tuple(allowances), owed, settled)


def in_force(before: Shares | None, new: Shares) -> Shares:
    """Those of `before`, or the `new` ones where those do not fit any more, or are used up and requests are owed."""
    if before is None or (before.key, len(before.allowances)) != (new.key, len(new.allowances)):
        return new
    return new if new.owed and len(before.ended) == len(before.allowances) else before


def limits(
    shares: Shares, shard: Shard, part: Part, budget: BudgetSettings, settled: int, usd: float
) -> BudgetSettings:
    """The budget of one shard: what the whole run, which has `settled` so many requests for so many dollars, may come
    to by this shard's doing."""
    allowance, most = shares.allowances[shard.number - 1], dict[str, float]()
    # What the judge has taken is in no part: only the cap itself counts it.
    if allowance.requests is not None and budget.requests is not None:
        most["requests"] = min(budget.requests, settled + max(0, allowance.requests - part.settled))
    if allowance.usd is not None and budget.usd is not None:
        most["usd"] = min(budget.usd, usd + max(0.0, allowance.usd - part.usd))
    return budget.model_copy(update=most)


def begun(shares: Shares, shard: Shard) -> Shares:
    """`shares` once the shard is asking."""
    return replace(shares, ended={name: cap for name, cap in shares.ended.items() if name != str(shard)})


def ended(shares: Shares, shard: Shard, stopped_by: Cap | None) -> Shares:
    """`shares` once the shard has asked for all of its part, or as much as the cap `stopped_by` allowed."""
    return replace(shares, ended={**shares.ended, str(shard): stopped_by})


def stopped_by(shares: Shares) -> Cap | None:
    """The cap that ended a shard, if one did."""
    return next((cap for _, cap in sorted(shares.ended.items()) if cap), None)


def owed_by_others(plan: Plan, journal: JournalIndex, shares: Shares, shard: Shard) -> int:
    """How many requests have no answer yet that shards other than `shard` are to ask for, and no cap has stopped."""
    others = [one for one in shards(shard.of) if one != shard and not shares.ended.get(str(one))]
    return sum(request.request_id not in journal for one in others for request in plan.part(one))
