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
    def selection(self) -> Path:
        """The folder of what the passes over the whole set work with. All of it can be made again."""
        return self.root / "selection"

    @property
    def judged(self) -> Path:
        """The records with their own verdicts, before anything is known of the whole set."""
        return self.selection / "judged.parquet"

    @property
    def candidates(self) -> Path:
        """Which of the judged records are in `tokens`, and what decides between two that are alike."""
        return self.selection / "candidates.npz"

    @property
    def tokens(self) -> Path:
        """The folder of the kept records' text in tokens."""
        return self.selection / "tokens"

    @property
    def training_tokens(self) -> Path:
        """The folder of the kept records' training texts in tokens, where these are not their plain texts."""
        return self.selection / "training"

    @property
    def source_tokens(self) -> Path:
        """The folder of the documents' text in tokens."""
        return self.selection / "sources"

    @property
    def hits(self) -> Path:
        """What of evaluation sets stands in the records, as JSON lines."""
        return self.selection / "hits.jsonl"

    @property
    def vectors(self) -> Path:
        """The folder of the kept records' embeddings, where semantic duplicates are looked for."""
        return self.selection / "vectors"

    @property
    def duplicates(self) -> Path:
        return self.selection / "duplicates.npz"

    @property
    def survivors(self) -> Path:
        """The numbers in `tokens` of the records that the passes have left."""
        return self.selection / "survivors.npz"

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
    def contamination_csv(self) -> Path:
        return self.report / "contamination.csv"

    @property
    def topics_csv(self) -> Path:
        return self.report / "topics.csv"

    @property
    def duplicates_csv(self) -> Path:
        return self.report / "duplicates.csv"

    @property
    def summary(self) -> Path:
        return self.report / "summary.md"

    @property
    def rejected(self) -> Path:
        return self.report / "rejected.md"

    @property
    def pilot(self) -> Path:
        return self.report / "pilot.md"

    @property
    def pilot_json(self) -> Path:
        return self.report / "pilot.json"

    @property
    def quarantined(self) -> Path:
        return self.report / "quarantined.csv"
