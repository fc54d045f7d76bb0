"""What a run holds, read from its directory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthgen.errors import StorageError
from synthgen.pilot.basis import bases
from synthgen.pilot.report import collapsed, verdicts
from synthgen.pilot.verdict import Cell
from synthgen.recipe import Recipe, read_recipe
from synthgen.report.account import Account, AccountBuilder
from synthgen.report.gates import GateResult, check_gates
from synthgen.storage.layout import RunPaths
from synthgen.storage.state import RunState, load_state

if TYPE_CHECKING:
    import datasets


@dataclass(frozen=True)
class RunResult:
    """A run directory as it stands. `worked` is False where the call that gave it found nothing left to do.

    `owed` counts the requests that this call, as one shard of several, has left to the others.
    """

    path: Path
    recipe: Recipe
    state: RunState
    worked: bool = True
    owed: int = 0

    @property
    def paths(self) -> RunPaths:
        return RunPaths(self.path)

    @property
    def counts(self) -> Account:
        """What became of every planned request; nothing but zeros before anything was selected."""
        selected = self.stage("select")
        return Account.from_json(selected["account"]) if selected else AccountBuilder().build(0.0)

    @property
    def finished(self) -> bool:
        """Whether the set stands: every stage ended. It may still be partial (see `pending`)."""
        return bool(self.stage("pack")) and not self.owed

    @property
    def grows(self) -> bool:
        """Whether the set is short of its target, and more rounds of samples are to come."""
        return self.recipe.target_tokens is not None and self.stage("target").get("next") is not None

    @property
    def pending(self) -> int:
        """Planned requests that were not asked yet, as a cap of the budget stopped the run."""
        return self.counts.total.pending

    @property
    def gates(self) -> tuple[GateResult, ...]:
        """The recipe's gates, held against the set."""
        if not self.finished:
            return ()
        total, extracted, same = self.counts.total, self.stage("extract"), self.stage("deduplicate")
        answers, candidates = total.kept + total.rejected, self.stage("tokenise")["records"]
        measures = {
            "acceptance": total.acceptance,
            "coverage": extracted["used"] / extracted["characters"],
            "failed": total.failed / total.planned,
            "pending": total.pending / total.planned,
            "min_records": total.kept,
            "collapsed": len(self.collapsed),
            "unsupported": self.stage("judge")["unsupported"] / answers,
            "quantity_recall": self.stage("select")["quantity_recall"],
            "near_duplicates": (same["exact"] + same["near"] + same["semantic"]) / candidates,
            "contaminated": self.stage("decontaminate")["records"] / candidates,
        }
        return check_gates(self.recipe.gates, measures)

    @property
    def collapsed(self) -> tuple[Cell, ...]:
        """What the run's last pilot found collapsed, as far as its verdicts hold for what the run asks now."""
        if not self.paths.pilot_json.exists():
            return ()
        identities = {name: known["identity"] for name, known in self.state.teachers.items()}
        return collapsed(verdicts(self.paths, bases(self.recipe, self.paths.transformations.read_bytes(), identities)))

    @property
    def exit_code(self) -> int:
        """0 if all gates are passed, 3 if not."""
        return 0 if all(gate.passed for gate in self.gates) else 3

    @property
    def dataset(self) -> datasets.Dataset:
        """The kept records as a Hugging Face dataset, memory-mapped."""
        import datasets

        return datasets.load_dataset(str(self.paths.dataset), split="train")

    def stage(self, name: str) -> Mapping[str, Any]:
        """What a finished stage counted; empty if it has not ended yet."""
        return self.state.stages[name].counts if name in self.state.stages else {}


def load_run(path: str | Path) -> RunResult:
    """The run in the directory `path`. Raises StorageError if there is none."""
    paths = RunPaths(Path(path))
    state = load_state(paths.run_json)
    if state is None:
        raise StorageError("not a run directory", where=path, fix="name one that `synthgen run` made")
    return RunResult(path=paths.root, recipe=read_recipe(paths.recipe), state=state)
