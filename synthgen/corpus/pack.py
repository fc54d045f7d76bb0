"""The set in tokens, as a trainer takes it: documents one a row, or windows full of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

import numpy as np

from synthgen.corpus.flat import FlatTokens, Hashes, Ints
from synthgen.corpus.labels import Learned, Ranges, learned_tokens
from synthgen.corpus.layout import lay_out
from synthgen.corpus.pieces import Pieces, piece_keys, pieces
from synthgen.corpus.rows import ADDED, Content, write_documents, write_windows
from synthgen.errors import TokenizerError
from synthgen.recipe import PackSettings
from synthgen.tokens import Tokenizer

ROWS = "train.parquet"


@dataclass(frozen=True, slots=True)
class Packed:
    """What `pack` wrote.

    `documents` are the texts, `cut` those of them that were longer than the window and are several pieces, and
    `left_out` the pieces of which nothing is to be learned. `tokens` counts BOS and EOS, `learned` those with a label;
    `longest` is the tokens of the longest piece. `windows` of `window` tokens hold it all: those that were filled, or,
    of documents in the set's order, as many as it takes at least. `sha256` is that of the file with the rows.
    """

    tokenizer: str
    form: str
    window: int
    documents: int
    cut: int
    left_out: int
    rows: int
    tokens: int
    learned: int
    longest: int
    windows: int
    sha256: str

    @property
    def fill(self) -> float:
        """The share, 0 to 1, of the windows' places that hold a token; 1 where there is no window."""
        return self.tokens / (self.windows * self.window) if self.windows else 1.0


def pack(
    tokens: FlatTokens,
    documents: Ints,
    ids: Sequence[str],
    folder: Path,
    tokenizer: Tokenizer,
    settings: PackSettings,
    texts: Iterable[tuple[str, Ranges]] = (),
) -> Packed:
    """Writes `train.parquet` into `folder`: `documents` of `tokens`, ascending, whose texts are called `ids[document]`.

    Each piece of a document stands between BOS and EOS. A document that is longer than the window with these is cut at
    sentence ends into pieces that follow each other; no token is lost. `settings.form` says what a row is: a piece, in
    the order of `documents` or in that of the windows filled with `settings.seed`, or such a window. BOS never has a
    label. With `settings.learn = "answers"`, only what is in the ranges of characters of `texts`, which are those of
    `documents`, has one, and pieces without any are left out.

    Memory is bounded but for some numbers a document. The bytes depend on the arguments and the libraries' versions.
    Raises TokenizerError for a tokenizer without BOS or EOS, StorageError.
    """
    if tokenizer.bos_id < 0 or tokenizer.eos_id < 0:
        raise TokenizerError("has no BOS or EOS token", where=tokenizer.name, fix="use the base model's own tokenizer")
    whole = pieces(tokens, documents, tokenizer, settings.window - ADDED)
    learned = learned_tokens(tokens, documents, texts, tokenizer) if settings.learn == "answers" else None
    parts = whole if learned is None else _taught(whole, tokens, learned)
    content = Content(tokens, parts, tokenizer, learned)
    cuts = len(np.unique(whole.document[whole.start > 0]))
    left_out = len(whole.document) - len(parts.document)
    return pack_content(content, piece_keys(parts, ids), folder, settings, len(documents), cuts, left_out)


def pack_content(
    content: Content,
    keys: Hashes,
    folder: Path,
    settings: PackSettings,
    documents: int,
    cuts: int = 0,
    left_out: int = 0,
) -> Packed:
    """The same for pieces that are cut already, in their order; `keys` are distinct numbers that belong to them.

    The counts are what there is to say of where they come from.
    """
    windows, labels = _write(folder / ROWS, content, keys, settings)
    lengths = content.lengths
    return Packed(
        tokenizer=PurePath(content.tokenizer.name).name,
        form=settings.form,
        window=settings.window,
        documents=documents,
        cut=cuts,
        left_out=left_out,
        rows=windows if settings.form == "windows" else len(lengths),
        tokens=int(lengths.sum()),
        learned=labels,
        longest=int(lengths.max(initial=0)),
        windows=windows,
        sha256=sha256(folder / ROWS),
    )


def _write(path: Path, content: Content, keys: Hashes, settings: PackSettings) -> tuple[int, int]:
    """Writes the rows; returns the windows that hold them, and how many tokens have a label."""
    lengths = content.lengths
    if settings.form == "documents":
        return -(-int(lengths.sum()) // settings.window), write_documents(path, content, np.arange(len(lengths)))
    bins = lay_out(content.parts, lengths, keys, settings.window, settings.seed)
    if settings.form == "bins":
        return len(bins), write_documents(path, content, bins.documents)
    return len(bins), write_windows(path, content, bins.documents, bins.offsets)


def _taught(parts: Pieces, tokens: FlatTokens, learned: Learned) -> Pieces:
    """The pieces in which something is learned. A trainer drops the others by itself, and its windows would shift."""
    first = tokens.offsets[parts.document] + parts.start
    some = learned.before(first + parts.lengths) > learned.before(first)
    return Pieces(parts.document[some], parts.start[some], parts.end[some])


def sha256(path: Path) -> str:
    """The hash of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
