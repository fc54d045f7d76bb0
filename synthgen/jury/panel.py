"""The judge at work: which records it is asked about, and what they are worth once it has answered."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace

from synthgen.data import Extract, Judged, Request
from synthgen.jury.asking import judge_requests, judged_statements
from synthgen.jury.votes import read_vote, tally
from synthgen.planning import Teacher
from synthgen.recipe import JudgeSettings
from synthgen.storage.index import JournalIndex


@dataclass(frozen=True, slots=True)
class Panel:
    """The judge of a recipe."""

    teacher: Teacher
    settings: JudgeSettings

    def owed(self, judged: Iterable[tuple[Judged, Extract]], settled: Container[str]) -> Iterator[Request]:
        """What is to be asked about records that the filters have judged, and is not `settled`."""
        for one, extract in judged:
            if self._asks_about(one):
                for request in judge_requests(one.record, extract, self.teacher, self.settings):
                    if request.request_id not in settled:
                        yield request

    def decide(self, judged: Judged, extract: Extract, journal: JournalIndex) -> Judged:
        """`judged` with the judge's verdict, if it was asked; a record that the filters keep is rejected if it says so.

        A record whose votes are missing or cannot be read stays as it is.
        """
        if not self._asks_about(judged):
            return judged
        requests = list(judge_requests(judged.record, extract, self.teacher, self.settings))
        if not requests:
            return judged
        statements = judged_statements(judged.record)
        answers = [answer for request in requests if (answer := journal.get(request.request_id)) is not None]
        votes = [vote for answer in answers if (vote := read_vote(answer, len(statements))) is not None]
        verdict = tally(statements, votes)
        found = replace(judged, verdicts=(*judged.verdicts, verdict))
        return (
            found if verdict.keep or judged.outcome != "kept" else replace(found, outcome="rejected", code=verdict.code)
        )

    def _asks_about(self, judged: Judged) -> bool:
        """All that the filters keep, and some that they reject: which, the record's id decides."""
        if judged.outcome == "rejected" and judged.record.content is not None:
            return int(judged.record.record_id[:8], 16) < self.settings.audit * 2**32
        return judged.outcome == "kept"
