"""Where everything stands in a run directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RunPaths:
    """The paths of the run directory `root`. Nothing is made or looked up."""

    root: Path

    @property
    def run_json(self) -> Path:
        return self.root / "run.json"

    @property
    def lock(self) -> Path:
        return self.root / ".lock"

    @property
    def shards(self) -> Path:
        """The folder of the shards' locks."""
        return self.root / "shards"

    @property
    def teachers(self) -> Path:
        """The folder of what backends keep."""
        return self.root / "teachers"

    @property
    def recipe(self) -> Path:
        return self.root / "recipe.toml"

    @property
    def transformations(self) -> Path:
        return self.root / "transformations.json"

    @property
    def documents(self) -> Path:
        return self.root / "documents.parquet"

    @property
    def extracts(self) -> Path:
        return self.root / "extracts.parquet"

    @property
    def completions(self) -> Path:
        """The folder of the journal."""
        return self.root / "completions"

    @property
    def records(self) -> Path:
        return self.root / "records.parquet"

    @property
    def dataset(self) -> Path:
        return self.root / "dataset"

    @property
    def packed(self) -> Path:
        return self.root / "packed"

    @property
    def report(self) -> Path:
        return self.root / "report"

    @property
    def coverage(self) -> Path:
        return self.report / "coverage.csv"

    @property
    def summary(self) -> Path:
        return self.report / "summary.md"

    @property
    def pilot(self) -> Path:
        return self.report / "pilot.md"

    @property
    def pilot_json(self) -> Path:
        return self.report / "pilot.json"

    @property
    def quarantined(self) -> Path:
        return self.report / "quarantined.csv"
