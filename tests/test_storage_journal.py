from __future__ import annotations

import asyncio
import errno
import os
import random
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from synthgen.data import Completion, CompletionError, ErrorClass, Usage
from synthgen.errors import StorageError
from synthgen.storage.completions import completion_from_json, completion_to_json
from synthgen.storage.frames import scan
from synthgen.storage.index import JournalIndex
from synthgen.storage.journal import FRAME_BYTES, JournalWriter

words = st.text()
counts = st.integers(0, 2**53)
seconds = st.floats(0, 1e6)
classes: st.SearchStrategy[ErrorClass] = st.sampled_from(["retryable", "rejected", "fatal"])
errors = st.builds(CompletionError, classes, words, words, st.none() | seconds)
completions = st.builds(
    Completion,
    request_id=words,
    text=words,
    finish_reason=st.none() | words,
    usage=st.builds(Usage, counts, counts, counts),
    latency=seconds,
    attempts=counts,
    error=st.none() | errors,
)


def answer(name: str, text: str = "") -> Completion:
    return Completion(name, text=text or f"answer to {name}", finish_reason="stop")


def failure(name: str, error_class: ErrorClass) -> Completion:
    return Completion(name, error=CompletionError(error_class, "http_500", "it broke"))


def write(folder: Path, *waves: Iterable[Completion]) -> None:
    """One writer; each wave is appended at once, and gives one frame if it is small."""

    async def append_all() -> None:
        async with JournalWriter(folder) as writer:
            for wave in waves:
                await asyncio.gather(*map(writer.append, wave))

    asyncio.run(append_all())


def frames(path: Path) -> list[bytes]:
    with path.open("rb") as file:
        return [frame.content for frame in scan(file)]


def only_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


@given(completions)
def test_a_completion_reads_back_equal(completion: Completion) -> None:
    line = completion_to_json(completion)
    assert b"\n" not in line
    assert completion_from_json(line) == completion


@given(st.text(st.characters(exclude_categories=())))
def test_a_lone_surrogate_becomes_a_replacement_character(text: str) -> None:
    expected = "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)
    assert completion_from_json(completion_to_json(answer("a", f"{text}."))).text == f"{expected}."


def test_a_latency_that_is_no_number_becomes_zero() -> None:
    line = completion_to_json(Completion("a", latency=float("nan")))
    assert completion_from_json(line) == Completion("a")


def test_a_journal_reads_back_equal_in_any_order(tmp_path: Path) -> None:
    sent = [answer(f"id-{number}", "dose 5 mg " * (number % 50)) for number in range(2_000)]
    random.Random(1).shuffle(sent)
    write(tmp_path, sent[:700], sent[700:])
    index = JournalIndex.load(tmp_path)
    assert len(index) == 2_000
    assert index.settled_ids() == {completion.request_id for completion in sent}
    assert [index.get(completion.request_id) for completion in sorted(sent, key=repr)] == sorted(sent, key=repr)
    assert index.get("id-2000") is None


def test_the_files_are_what_zstd_tools_read(tmp_path: Path) -> None:
    write(tmp_path, [answer("a"), answer("b")], [answer("c")])
    with only_file(tmp_path).open("rb") as file:
        lines = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True).read().splitlines()
    assert [completion_from_json(line) for line in lines] == [answer("a"), answer("b"), answer("c")]


def test_a_missing_or_empty_journal_is_empty(tmp_path: Path) -> None:
    write(tmp_path / "unused")
    assert not (tmp_path / "unused").exists()
    (tmp_path / "empty.jsonl.zst").write_bytes(b"")
    for folder in (tmp_path, tmp_path / "missing"):
        index = JournalIndex.load(folder)
        assert (len(index), index.torn_bytes, index.settled_ids()) == (0, 0, set())


def test_every_writer_makes_its_own_file(tmp_path: Path) -> None:
    for name in "abc":
        write(tmp_path, [answer(name)])
    assert len(list(tmp_path.iterdir())) == 3
    assert JournalIndex.load(tmp_path).settled_ids() == set("abc")


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        (failure("a", "retryable"), failure("a", "rejected")),
        (failure("a", "fatal"), failure("a", "rejected")),
        (failure("a", "rejected"), answer("a")),
        (failure("a", "retryable"), answer("a")),
        (answer("a", "later"), answer("a", "earlier")),
    ],
)
def test_the_best_completion_of_a_request_wins(tmp_path: Path, worse: Completion, better: Completion) -> None:
    orders = [[better, worse]] if worse.answered else [[better, worse], [worse, better]]
    for number, order in enumerate(orders):
        folder = tmp_path / str(number)
        for completion in order:
            write(folder, [completion])
        write(folder / "once", order)
        for index in (JournalIndex.load(folder), JournalIndex.load(folder / "once")):
            assert index.get("a") == better
            assert index.settled_ids() == ({"a"} if better.settled else set())
            assert len(index) == 1


def test_the_digest_changes_with_the_best_completions_and_with_nothing_else(tmp_path: Path) -> None:
    def digest(folder: Path) -> str:
        return JournalIndex.load(folder).digest()

    write(tmp_path / "a", [answer("x"), failure("y", "retryable")])
    write(tmp_path / "b", [failure("y", "retryable")])
    assert digest(tmp_path / "a") != digest(tmp_path / "b") != digest(tmp_path / "none")
    write(tmp_path / "b", [failure("x", "rejected")], [answer("x")])
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    write(tmp_path / "b", [answer("x", "another"), failure("x", "retryable")])
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    write(tmp_path / "b", [answer("y")])
    assert digest(tmp_path / "a") != digest(tmp_path / "b")


def test_a_journal_cut_at_any_byte_gives_exactly_its_whole_frames(tmp_path: Path) -> None:
    waves = [[answer(f"{wave}-{number}") for number in range(wave)] for wave in (1, 3, 2, 5)]
    write(tmp_path / "whole", *waves)
    path = only_file(tmp_path / "whole")
    content = path.read_bytes()
    with path.open("rb") as file:
        ends = [frame.offset + frame.length for frame in scan(file)]
    assert (len(ends), ends[-1]) == (4, len(content))
    cut = tmp_path / "cut" / "0.jsonl.zst"
    cut.parent.mkdir()
    for length in range(len(content) + 1):
        cut.write_bytes(content[:length])
        index = JournalIndex.load(cut.parent)
        whole = sum(end <= length for end in ends)
        expected = [completion for wave in waves[:whole] for completion in wave]
        assert [index.get(completion.request_id) for completion in expected] == expected
        assert len(index) == len(expected)
        assert index.torn_bytes == length - ([0, *ends][whole])


def test_damage_to_any_byte_of_a_frame_loses_that_frame_at_most(tmp_path: Path) -> None:
    sent = [answer(str(number)) for number in range(3)]
    write(tmp_path / "whole", *([completion] for completion in sent))
    path = only_file(tmp_path / "whole")
    content = path.read_bytes()
    with path.open("rb") as file:
        middle = list(scan(file))[1]
    damaged = tmp_path / "damaged" / "0.jsonl.zst"
    damaged.parent.mkdir()
    for at in range(middle.offset, middle.offset + middle.length):
        for flipped in (0x01, 0x80, 0xFF):
            damaged.write_bytes(content[:at] + bytes([content[at] ^ flipped]) + content[at + 1 :])
            index = JournalIndex.load(damaged.parent)
            assert [index.get("0"), index.get("2")] == [sent[0], sent[2]]
            assert index.get("1") in (None, sent[1])
            assert index.torn_bytes == (0 if "1" in index else middle.length)


@given(st.binary(max_size=300))
def test_any_bytes_can_be_scanned(tmp_path_factory: pytest.TempPathFactory, junk: bytes) -> None:
    folder = tmp_path_factory.mktemp("junk")
    (folder / "0.jsonl.zst").write_bytes(zstandard.FRAME_HEADER + junk)
    assert len(JournalIndex.load(folder)) == 0


def test_a_frame_that_promises_more_than_it_can_hold_is_passed_over(tmp_path: Path) -> None:
    header = zstandard.FRAME_HEADER + bytes([0xC4, 0x00]) + (1 << 62).to_bytes(8, "little")
    block = ((4 << 3) | 1).to_bytes(3, "little") + b"null"
    junk = header + block + bytes(4)
    write(tmp_path, [answer("a")])
    path = only_file(tmp_path)
    path.write_bytes(junk + path.read_bytes())
    index = JournalIndex.load(tmp_path)
    assert (index.get("a"), index.torn_bytes) == (answer("a"), len(junk))


def test_a_foreign_journal_file_is_a_storage_error(tmp_path: Path) -> None:
    foreign = zstandard.ZstdCompressor(write_checksum=True).compress(b'{"something": "else"}\n')
    (tmp_path / "a.jsonl.zst").write_bytes(foreign)
    with pytest.raises(StorageError, match=r"a\.jsonl\.zst: holds a line that is not a completion\. Move that file"):
        JournalIndex.load(tmp_path)


def test_a_file_that_changes_under_the_index_is_a_storage_error(tmp_path: Path) -> None:
    write(tmp_path, [answer("a")])
    index = JournalIndex.load(tmp_path)
    os.truncate(only_file(tmp_path), 10)
    with pytest.raises(StorageError, match="was changed while it was in use"):
        index.get("a")
    only_file(tmp_path).unlink()
    with pytest.raises(StorageError, match="does not exist"):
        index.get("a")


class SlowDisk:
    """`os.fsync` that waits, once it was called, until it is released; then it works or raises `error`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, error: OSError | None = None) -> None:
        self.called, self.released = threading.Event(), threading.Event()
        self._real, self._error = os.fsync, error
        monkeypatch.setattr(os, "fsync", self)

    def __call__(self, handle: int) -> None:
        self.called.set()
        assert self.released.wait(60)
        if self._error:
            raise self._error
        self._real(handle)


def test_appends_that_arrive_during_a_flush_share_the_next_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = SlowDisk(monkeypatch)

    async def append_all() -> None:
        async with JournalWriter(tmp_path) as writer:
            first = asyncio.create_task(writer.append(answer("first")))
            assert await asyncio.to_thread(disk.called.wait, 60)
            others = [asyncio.create_task(writer.append(answer(str(number)))) for number in range(50)]
            await asyncio.sleep(0)
            assert not first.done()
            disk.released.set()
            await asyncio.gather(first, *others)

    asyncio.run(append_all())
    assert [len(frame.splitlines()) for frame in frames(only_file(tmp_path))] == [1, 50]


def test_a_frame_is_bounded_and_holds_a_longer_line_alone(tmp_path: Path) -> None:
    sent = [answer("a", "x" * (FRAME_BYTES // 2)), answer("b", "y" * (2 * FRAME_BYTES)), answer("c"), answer("d")]
    write(tmp_path, sent)
    assert [len(frame.splitlines()) for frame in frames(only_file(tmp_path))] == [1, 1, 2]
    assert [JournalIndex.load(tmp_path).get(name) for name in "abcd"] == sent


def test_closing_writes_what_waits_and_a_cancelled_append_harms_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = SlowDisk(monkeypatch)

    async def append_and_cancel() -> None:
        async with JournalWriter(tmp_path) as writer:
            cancelled = asyncio.create_task(writer.append(answer("cancelled")))
            assert await asyncio.to_thread(disk.called.wait, 60)
            waiting = asyncio.create_task(writer.append(answer("waiting")))
            cancelled.cancel()
            await asyncio.wait([cancelled])
            disk.released.set()
        assert waiting.done()
        await waiting

    asyncio.run(append_and_cancel())
    assert JournalIndex.load(tmp_path).settled_ids() == {"cancelled", "waiting"}


def test_a_sync_that_fails_takes_the_frame_back_and_fails_every_later_append(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def append_all() -> None:
        async with JournalWriter(tmp_path) as writer:
            await writer.append(answer("a"))
            disk = SlowDisk(monkeypatch, OSError(errno.EIO, "Input/output error"))
            tasks = [asyncio.create_task(writer.append(answer("b")))]
            assert await asyncio.to_thread(disk.called.wait, 60)
            tasks.append(asyncio.create_task(writer.append(answer("c"))))
            await asyncio.sleep(0)
            disk.released.set()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                assert isinstance(result, StorageError)
                assert "the disk reports an input/output error" in str(result)
            monkeypatch.undo()
            with pytest.raises(StorageError):
                await writer.append(answer("d"))

    asyncio.run(append_all())
    index = JournalIndex.load(tmp_path)
    assert (index.settled_ids(), index.torn_bytes) == ({"a"}, 0)
