"""How fast and how well the passes over the whole set work, at any size.

    python benchmarks/corpus.py [--tokens 2 20] [--processes 2] [--text FOLDER] [--evaluation FOLDER] [--work FOLDER]
    python benchmarks/corpus.py --peer datatrove=PYTHON --peer datasketch=PYTHON --peer trl=PYTHON [--tokens 5]

Makes a set of so many million tokens from given text: passages with words replaced, as a paraphrase replaces them, near
copies of other documents, and evaluation items planted word for word, with their options, and edited but for 8 words
in a row. Then it runs the passes and prints of each the time, the processor time, the cost a token and the peak of the
resident memory of all processes; recall and precision of the near-duplicates, recall of the planted items, and the
windows' fill. What the passes cost at any size, such as reading the evaluation items, is measured on an almost empty
set first, and taken off where sizes are compared. A peer, run by the PYTHON of its own environment, is given the same
sample; its time is printed as a ratio. Nothing is left behind.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import orjson

from synthgen.corpus.benchmark_items import BenchmarkItem, read_benchmarks
from synthgen.corpus.bins import fill_bins
from synthgen.corpus.contamination import Contamination, contamination
from synthgen.corpus.duplicates import fingerprint
from synthgen.corpus.fingerprints import ALONE
from synthgen.corpus.flat import FlatTokens, Ints
from synthgen.corpus.near import NGRAM, NearDuplicates, near_duplicates
from synthgen.corpus.ngrams import mix
from synthgen.corpus.overlap import overlaps
from synthgen.corpus.pieces import pieces
from synthgen.corpus.tokenise import tokenise
from synthgen.tokens import load_tokenizer
from synthgen.workers import cores

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
PEERS = Path(__file__).resolve().parent / "peers"
TOKENIZER, WINDOW, THRESHOLD = "mistral-7b-v0.1", 4096, 0.8
TOKENS_A_WORD = 1.62
"""Of the clinical text that the default set is made of; only the set's size hangs on it."""
REPLACED = 0.25
"""Of a passage's words, so that two documents from one passage share a twentieth of their 5-grams."""
COPIES, PLANTED = 0.05, 0.001
"""Of the documents."""
FIXED = 0.02
"""Millions of tokens of a set that is as good as empty."""


def main() -> int:
    options = _parser().parse_args()
    base = list(_words_of(options.text))
    items = read_benchmarks([options.evaluation])
    print(f"made from {sum(map(len, base)) / 1e6:.1f}M words of {len(base)} texts; {len(items)} evaluation items")
    with tempfile.TemporaryDirectory(prefix="corpus-bench-", dir=options.work) as folder:
        spent = []
        for millions in (FIXED, *options.tokens):
            work = Path(folder) / f"{millions:g}"
            work.mkdir()
            spent.append(_measure(base, items, millions, work, options))
            shutil.rmtree(work)
    fixed, *rest = spent
    costs = [(cpu - fixed) / millions * 1e3 for cpu, millions in zip(rest, options.tokens, strict=True)]
    print(f"\nprocessor time at any size: {fixed:.1f} s; a token beside that: ", end="")
    print(", ".join(f"{cost:.0f} ns" for cost in costs) + f"; the last is {costs[-1] / costs[0]:.2f} of the first")
    _time_packing()
    return 0


@dataclass
class Clock:
    """Times passes, with the processor time of this process and its children, and their peak of resident memory."""

    tokens: int = 1
    wall: float = 0.0
    cpu: float = 0.0
    peak: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        done = threading.Event()
        peaks = [_resident()]

        def watch() -> None:
            while not done.wait(0.1):
                peaks.append(_resident())

        watcher = threading.Thread(target=watch)
        watcher.start()
        wall, cpu = time.perf_counter(), _cpu()
        try:
            yield
        finally:
            wall, cpu = time.perf_counter() - wall, _cpu() - cpu
            done.set()
            watcher.join()
        self.wall, self.cpu, self.peak = self.wall + wall, self.cpu + cpu, max(self.peak, *peaks)
        self.seconds[name] = wall
        print(f"  {name:<16}{wall:8.1f} s {cpu:8.1f} s CPU {self._cost(cpu):7.0f} ns/token {max(peaks) >> 20:6} MiB")

    def total(self) -> None:
        """Prints the sums."""
        cost = self._cost(self.cpu)
        print(f"  {'all':<16}{self.wall:8.1f} s {self.cpu:8.1f} s CPU {cost:7.0f} ns/token {self.peak >> 20:6} MiB")

    def _cost(self, seconds: float) -> float:
        return seconds / self.tokens * 1e9


@dataclass(frozen=True)
class Made:
    """A made set. `copies` are pairs of a document and the one it was made from; `planted` says in which document
    which item was put, and how."""

    path: Path
    documents: int
    copies: list[tuple[int, int]]
    planted: dict[int, tuple[str, BenchmarkItem]]

    def texts(self) -> Iterator[str]:
        with self.path.open("rb") as file:
            for line in file:
                yield orjson.loads(line)["text"]


def _measure(
    base: list[list[str]], items: list[BenchmarkItem], millions: float, work: Path, options: argparse.Namespace
) -> float:
    """Makes a set, runs the passes over it and prints what comes of it. The processor time in seconds."""
    started = time.perf_counter()
    made = make_set(base, items, int(millions * 1e6 / TOKENS_A_WORD), work / "set.jsonl")
    megabytes, took = made.path.stat().st_size / 1e6, time.perf_counter() - started
    print(f"\n{millions:g}M tokens wanted: {made.documents} documents, {megabytes:.0f} MB, made in {took:.0f} s")
    clock, processes = Clock(int(millions * 1e6)), options.processes
    with clock.measure("tokenise"):
        written = tokenise(made.texts(), work / "tokens", TOKENIZER, processes=processes)
    tokens = written.tokens
    with clock.measure("exact duplicates"):
        exact = made.documents - len({fingerprint(text) for text in made.texts()})
    with clock.measure("near-duplicates"):
        found = near_duplicates(tokens, np.arange(len(tokens)), THRESHOLD, processes=processes)
    sources = tokenise((" ".join(words) for words in base), work / "sources", TOKENIZER, processes=1).tokens
    with clock.measure("contamination"):
        met = contamination(tokens, items, TOKENIZER, sources=sources, processes=processes)
    with clock.measure("pack"):
        stay = np.setdiff1d(np.arange(len(tokens)), found.dropped)
        rows = pieces(tokens, stay, load_tokenizer(TOKENIZER), WINDOW - 2)
        keys = mix(rows.document.astype(np.uint64) << np.uint64(20) | rows.start.astype(np.uint64))
        bins = fill_bins(rows.lengths + 2, keys, WINDOW, 0)
    clock.total()
    print(f"  {tokens.offsets[-1]} tokens; {written.checked} texts checked, {written.recoded} blocks encoded anew")
    print(f"  {len(bins)} windows, {bins.fill:.2%} full; {exact} exact duplicates")
    _rate_duplicates(made, tokens, found)
    _rate_contamination(made, met)
    lost = int(tokens.lengths[stay].sum() - rows.lengths.sum())
    print(f"  tokens lost in packing: {lost}")
    for peer in options.peer if millions > FIXED else ():
        name, _, python = peer.partition("=")
        _run_peer(name, python, made, tokens, clock)
    return clock.cpu


def make_set(base: list[list[str]], items: list[BenchmarkItem], words: int, path: Path) -> Made:
    """Writes a set of about so many words as JSON Lines, the same each time."""
    rng = random.Random(0)
    vocabulary = [word for text in base for word in text[::7]]
    copies, planted, recent, count = [], {}, list[tuple[int, list[str]]](), 0
    with path.open("wb") as file:
        while words > 0:
            if rng.random() < COPIES and recent:
                origin, document = rng.choice(recent)
                document = _edited(document, rng.random() ** 2 * 0.06, vocabulary, rng)
                copies.append((count, origin))
            else:
                text = rng.choice(base)
                start = rng.randrange(max(1, len(text) - 100))
                length = int(min(max(rng.lognormvariate(5.3, 0.6), 30), 3000))
                document = _edited(text[start : start + length], REPLACED, vocabulary, rng)
            words -= len(document)
            if rng.random() < PLANTED:
                item = rng.choice(items)
                ways = ("verbatim", "options", "edited") if len(item.question.split()) > 8 else ("verbatim", "options")
                kind = rng.choice(ways)
                document = [*document, *_plant(kind, item, vocabulary, rng)]
                planted[count] = kind, item
            else:
                recent = [*recent[-500:], (count, document)]
            file.write(orjson.dumps({"id": f"{count:08}", "text": " ".join(document)}) + b"\n")
            count += 1
    return Made(path, count, copies, planted)


def _edited(document: list[str], share: float, vocabulary: list[str], rng: random.Random) -> list[str]:
    edited = list(document)
    for _ in range(int(share * len(edited))):
        edited[int(rng.random() * len(edited))] = vocabulary[int(rng.random() * len(vocabulary))]
    return edited


def _plant(kind: str, item: BenchmarkItem, vocabulary: list[str], rng: random.Random) -> list[str]:
    words = item.question.split()
    if kind == "edited":
        kept = rng.randrange(len(words) - 8)
        words = [
            word if kept <= place < kept + 8 or rng.random() > 0.15 else rng.choice(vocabulary)
            for place, word in enumerate(words)
        ]
    options = [f"{letter}. {option}" for letter, option in zip("ABCDE", item.options, strict=False)]
    return ["\n\n" + " ".join(words) + ("\n" + "\n".join(options) if kind == "options" else "")]


def _rate_duplicates(made: Made, tokens: FlatTokens, found: NearDuplicates) -> None:
    """Recall of the planted pairs by their exact Jaccard similarity, and precision by sets in plain Python."""
    if made.copies:
        pairs = np.array(made.copies)
        jaccard = overlaps(tokens, tokens, pairs, NGRAM, processes=1).jaccard
        dropped = np.isin(pairs[:, 0], found.dropped) | np.isin(pairs[:, 1], found.dropped)
        for low, high in ((0.5, 0.7), (0.7, THRESHOLD), (THRESHOLD, 0.85), (0.85, 1.01)):
            within = (jaccard >= low) & (jaccard < high)
            if within.any():
                share = dropped[within].mean()
                print(f"  copies with Jaccard {low:.2f} to {min(high, 1):.2f}: {within.sum()}, dropped {share:.2%}")
    sample = np.random.default_rng(0).permutation(len(found.dropped))[:1000]
    right = sum(_jaccard(tokens, int(found.dropped[i]), int(found.stays[i])) >= THRESHOLD for i in sample)
    print(
        f"  {len(found.dropped)} near-duplicates dropped; of {len(sample)} looked at, {right} are at least {THRESHOLD} "
        f"alike; {found.compared} pairs compared; {found.banding}, expected recall at {THRESHOLD}: "
        f"{found.banding.recall(THRESHOLD):.2%}"
    )


def _jaccard(tokens: FlatTokens, one: int, other: int) -> float:
    sets = []
    for document in (one, other):
        ids = tokens.read(document, document + 1)[0].tolist()
        sets.append({tuple(ids[place : place + NGRAM]) for place in range(len(ids) - NGRAM + 1)})
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def _rate_contamination(made: Made, met: Contamination) -> None:
    """An item counts as found if it, or one that asks the same, is a hit in its document. A question of fewer than
    `ALONE` words, such as "The coronary arteries", without options or answer is not an item that could be told."""
    hits = defaultdict(set)
    for hit in met.hits:
        if hit.contaminated:
            hits[hit.document].add((hit.benchmark, hit.item))
    same = defaultdict(set)
    for _, item in made.planted.values():
        same[_plain(item)].add((item.benchmark, item.item))
    planted, found, missed = Counter[str](), Counter[str](), list[str]()
    for document, (kind, item) in made.planted.items():
        kind = kind if kind == "options" or len(_plain(item).split()) >= ALONE else f"fewer than {ALONE} words"
        planted[kind] += 1
        there = bool(hits[document] & same[_plain(item)])
        found[kind] += there
        missed += [] if there or kind.startswith("fewer") else [f"{kind} {item.benchmark} {item.item}"]
    for kind in sorted(planted):
        print(f"  planted {kind}: {planted[kind]}, found {found[kind]} ({found[kind] / planted[kind]:.2%})")
    for name in missed[:5]:
        print(f"    missed: {name}")
    clean = {document for document, items in hits.items() if items} - set(made.planted)
    print(f"  documents hit without a planted item: {len(clean)}; stock phrases: {len(met.stock)}")


def _plain(item: BenchmarkItem) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in item.question.casefold()).split())


def _time_packing() -> None:
    """One million lengths, as those of real records are."""
    lengths = np.clip(np.random.default_rng(0).lognormal(5.8, 0.6, 1_000_000), 20, WINDOW).astype(np.int64)
    keys = mix(np.arange(len(lengths), dtype=np.uint64))
    wall, cpu = time.perf_counter(), _cpu()
    bins = fill_bins(lengths, keys, WINDOW, 0)
    wall, cpu = time.perf_counter() - wall, _cpu() - cpu
    print(f"\n1M lengths packed in {wall:.2f} s ({cpu:.2f} s CPU), {bins.fill:.3%} full")


def _run_peer(name: str, python: str, made: Made, tokens: FlatTokens, clock: Clock) -> None:
    """Runs `peers/NAME.py`, which prints one JSON object with its `seconds`, on the same sample; packing on 200,000
    lengths drawn from it."""
    drawn = np.random.default_rng(0).choice(tokens.lengths + 2, 200_000).clip(max=WINDOW)
    lengths = made.path.with_name("lengths.json")
    lengths.write_text(json.dumps(drawn.tolist()))
    command = [python, str(PEERS / f"{name}.py"), str(made.path), str(lengths), str(WINDOW)]
    theirs = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.splitlines()[-1])
    ours = _our_packing(drawn) if name == "trl" else clock.seconds["tokenise"] + clock.seconds["near-duplicates"]
    print(f"  {name}: {theirs}; here {ours:.2f} s, 1/{theirs['seconds'] / ours:.1f} of that")


def _our_packing(lengths: Ints) -> float:
    keys = mix(np.arange(len(lengths), dtype=np.uint64))
    started = time.perf_counter()
    fill_bins(lengths, keys, WINDOW, 0)
    return time.perf_counter() - started


def _words_of(folder: Path) -> Iterator[list[str]]:
    """The words, line breaks kept with them, of the texts in Markdown and (gzipped) JSON Lines files below `folder`."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".md":
            yield path.read_text(encoding="utf-8").split(" ")
        elif path.name.endswith((".jsonl", ".jsonl.gz")):
            with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
                for line in file:
                    row = orjson.loads(line)
                    if isinstance(text := row.get("text") or row.get("clean_text"), str):
                        yield text.split(" ")


def _cpu() -> float:
    """Seconds of processor time of this process and of those children that have ended."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _resident() -> int:
    """Bytes of memory that this process and its children hold."""
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    threads = Path("/proc/self/task").glob("*/children")
    below = {child for path in threads for child in _read(path).split()} | set(children)
    return sum(_pages(process) for process in ("self", *below)) * os.sysconf("SC_PAGE_SIZE")


def _pages(process: str) -> int:
    return int((_read(Path(f"/proc/{process}/statm")) or "0 0").split()[1])


def _read(path: Path) -> str:
    """A file of /proc, empty where its process has just ended."""
    try:
        return path.read_text()
    except OSError:
        return ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=float, nargs="+", default=[2, 20], metavar="MILLIONS")
    parser.add_argument("--processes", type=int, default=cores())
    parser.add_argument("--text", type=Path, default=DATA / "textbooks")
    parser.add_argument("--evaluation", type=Path, default=DATA / "benchmarks")
    parser.add_argument("--work", type=Path, default=None, help="a folder with room for five bytes a token")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
