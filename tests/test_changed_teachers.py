"""A teacher that is swapped between sessions is refused, one that is added answers its own requests only."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import synthgen
from synthgen.backends.fake import FakeBackend
from synthgen.data import Completion, CompletionError, Request
from synthgen.errors import TeacherError, UsageError
from synthgen.recipe import Recipe
from synthgen.storage import tables
from synthgen.teachers import facts, folder, unchanged


@pytest.fixture
def source(examples: Path) -> Path:
    return examples / "gout.md"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many requests each teacher got."""
    counts: Counter[str] = Counter()
    complete = FakeBackend.complete

    async def counted(self: FakeBackend, request: Request) -> Completion:
        counts[self.settings.name] += 1
        return await complete(self, request)

    monkeypatch.setattr(FakeBackend, "complete", counted)
    return counts


def serve(monkeypatch: pytest.MonkeyPatch, **values: Any) -> None:
    """From now on the fake teachers say that they serve this."""

    async def served(self: FakeBackend) -> Mapping[str, Any]:
        return values

    monkeypatch.setattr(FakeBackend, "served", served)


def teachers(*models: str, **settings: Any) -> dict[str, Any]:
    """A recipe with teachers called after the letter that their model begins with."""
    named = [{"backend": "fake", "name": model[0], "model": model, **settings} for model in models]
    return {"teachers": named}


def part(recipe: dict[str, Any]) -> dict[str, Any]:
    return {**recipe, "budget": {"requests": 10}}


def test_a_run_knows_who_answered(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, model="weights-1", context=4096)
    run = synthgen.run(source, teachers("a-model"), out=tmp_path / "run")
    identity = {"backend": "fake", "model": "a-model", "answers": {}}
    known = json.loads(run.paths.run_json.read_text("utf-8"))["teachers"]
    assert known == {"a": {"identity": identity, "served": {"model": "weights-1", "context": 4096}}}


def test_another_model_behind_the_same_teacher_is_refused_unless_allowed(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch, asked: Counter[str], cli: Callable[..., Any]
) -> None:
    serve(monkeypatch, model="weights-1", context=4096)
    synthgen.run(source, part(teachers("a-model")), out=tmp_path / "run")
    serve(monkeypatch, model="weights-2", context=4096)
    before = asked["a"]
    with pytest.raises(UsageError) as caught:
        synthgen.run(source, teachers("a-model"), out=tmp_path / "run")
    assert 'teacher a has model "weights-2", and had "weights-1"' in str(caught.value)
    assert "--allow-changed-teachers" in str(caught.value)
    assert "context" not in str(caught.value)
    assert asked["a"] == before
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('[[teachers]]\nbackend = "fake"\nname = "a"\nmodel = "a-model"\n')
    words = ["run", "--source", source, "--recipe", recipe, "--out", tmp_path / "run"]
    assert cli(*words).code == 2
    assert cli(*words, "--allow-changed-teachers").code == 0
    assert asked["a"] == synthgen.load_run(tmp_path / "run").counts.total.planned
    assert synthgen.run(source, teachers("a-model"), out=tmp_path / "run").finished


def test_another_identity_is_refused_before_anything_changes(tmp_path: Path, source: Path, asked: Counter[str]) -> None:
    first = synthgen.run(source, teachers("a-small"), out=tmp_path / "run")
    before = {path: path.read_bytes() for path in first.path.rglob("*") if path.is_file() and path.name != ".lock"}
    asked.clear()
    with pytest.raises(UsageError, match=r'teacher a has model "a-large", and had "a-small"'):
        synthgen.run(source, teachers("a-large"), out=tmp_path / "run")
    assert before == {path: path.read_bytes() for path in before}
    assert not asked
    allowed = synthgen.run(source, teachers("a-large"), out=tmp_path / "run", allow_changed_teachers=True)
    assert asked["a"] == allowed.counts.total.planned
    assert synthgen.run(source, teachers("a-large"), out=tmp_path / "run").finished


def test_a_teacher_that_answered_and_is_gone_is_refused_unless_allowed(tmp_path: Path, source: Path) -> None:
    synthgen.run(source, teachers("a-model", "b-model"), out=tmp_path / "run")
    with pytest.raises(UsageError, match="teacher b is not in the recipe any more"):
        synthgen.run(source, teachers("a-model"), out=tmp_path / "run")
    run = synthgen.run(source, teachers("a-model"), out=tmp_path / "run", allow_changed_teachers=True)
    assert set(run.state.teachers) == set(run.counts.by_teacher) == {"a"}


def test_a_teacher_that_never_answered_may_go(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    follow = FakeBackend.complete

    async def no_such_model(self: FakeBackend, request: Request) -> Completion:
        if self.settings.name == "b":
            return Completion(request.request_id, error=CompletionError("fatal", "http_404", "no such model"))
        return await follow(self, request)

    monkeypatch.setattr(FakeBackend, "complete", no_such_model)
    with pytest.raises(TeacherError, match="no such model"):
        synthgen.run(source, teachers("a-model", "b-typo"), out=tmp_path / "run")
    assert set(synthgen.load_run(tmp_path / "run").state.teachers) <= {"a"}
    assert synthgen.run(source, teachers("a-model", "c-model"), out=tmp_path / "run").finished


def test_a_teacher_that_is_added_to_a_finished_run_is_asked_for_its_share_and_nobody_else_for_anything(
    tmp_path: Path, source: Path, asked: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = synthgen.run(source, teachers("a-model"), out=tmp_path / "run")
    before = {judged.record.record_id for judged in tables.read_records(first.paths.records)}
    asked.clear()
    entered: list[str] = []
    enter = FakeBackend.__aenter__

    async def noted(self: FakeBackend) -> FakeBackend:
        entered.append(self.settings.name)
        return await enter(self)

    monkeypatch.setattr(FakeBackend, "__aenter__", noted)
    second = synthgen.run(source, teachers("a-model", "b-model"), out=tmp_path / "run")
    tally = second.counts.by_teacher
    assert entered == ["b"]
    assert asked == {"b": tally["b"].planned}
    assert tally["a"].planned + tally["b"].planned == first.counts.total.planned
    for judged in tables.read_records(second.paths.records):
        assert judged.record.teacher == ("a" if judged.record.record_id in before else "b")
    assert set(second.dataset["teacher"]) == {"a", "b"}
    assert set(second.state.teachers) == {"a", "b"}


def test_a_run_of_a_version_that_did_not_note_its_teachers_goes_on(tmp_path: Path, source: Path) -> None:
    run = synthgen.run(source, part(teachers("a-model")), out=tmp_path / "run")
    state = json.loads(run.paths.run_json.read_text("utf-8"))
    del state["teachers"], state["shares"]
    run.paths.run_json.write_text(json.dumps(state))
    again = synthgen.run(source, teachers("a-model"), out=tmp_path / "run")
    assert again.pending == 0
    assert set(again.state.teachers) == {"a"}


def test_a_value_that_is_not_known_any_more_and_a_new_one_are_changes() -> None:
    known = {"a": facts(identity={"model": 1}, served={"old": 1, "same": [1, 2]})}
    now = {"a": facts(served={"new": {"y": 2}, "same": (1, 2)})}
    with pytest.raises(UsageError, match=r'has new \{"y":2\}, and had none, has old none, and had 1'):
        unchanged(known, now, allowed=False, run=Path("run"))
    assert unchanged(known, now, allowed=True, run=Path("run")) == {}
    assert unchanged(known, {"a": facts(identity={"model": 1})}, allowed=False, run=Path("run")) == known


def test_each_teacher_has_a_folder_of_its_own_whatever_its_name(tmp_path: Path) -> None:
    names = ["plain", "openai:org/model", "openai:org-model", "..", "../x", "ä" * 300, "a b", "a-b", "Plain"]
    folders = [folder(tmp_path, name) for name in names]
    assert len(set(folders)) == len(names)
    assert all(path.parent == tmp_path and path.name not in ("", ".", "..") for path in folders)
    for path in folders:
        path.mkdir()


def test_a_transformation_that_no_library_has_is_refused_for_a_teacher(tmp_path: Path, source: Path) -> None:
    with pytest.raises(UsageError, match=r"teacher a: unknown transformation 'fag'. Did you mean 'faq'"):
        synthgen.run(
            source, teachers("a-model", transformations=["fag", *Recipe().transformations]), out=tmp_path / "run"
        )
