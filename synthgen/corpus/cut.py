"""Cuts the tokens of a document that is longer than the training window."""

from __future__ import annotations

from bisect import bisect_right

from synthgen.extracts.sentences import spans
from synthgen.tokens import Tokenizer


def cut(text: str, ids: list[int], tokenizer: Tokenizer, limit: int) -> list[list[int]]:
    """`ids`, which are `tokenizer.encode(text)`, in consecutive pieces of at most `limit` tokens.

    Put together the pieces are `ids`, token for token. A piece ends with the last sentence that it can hold whole; in
    a sentence longer than `limit` it ends at the limit.
    """
    ends = _sentence_ends(text, ids, tokenizer, limit)
    pieces, start = [], 0
    while len(ids) - start > limit:
        within = bisect_right(ends, start + limit)
        stop = ends[within - 1] if within and ends[within - 1] > start else start + limit
        pieces.append(ids[start:stop])
        start = stop
    return [*pieces, ids[start:]]


def _sentence_ends(text: str, ids: list[int], tokenizer: Tokenizer, limit: int) -> list[int]:
    """The offsets into `ids`, ascending, at which a sentence ends.

    Found by encoding sentence by sentence. A sentence whose last token reaches into the next one ends at no offset and
    is taken together with the next; if that goes on for `limit` tokens, the tokenizer does not do words one by one and
    the search ends.
    """
    # Behind a line break text is encoded as within a text; at the beginning of one SentencePiece puts a blank before.
    lead = len(tokenizer.encode("\n"))
    found, start, offset = [], 0, 0
    for begin, end in spans(text):
        stop = _place_to_cut(text, begin, end)
        run = tokenizer.encode("\n" + text[start:stop])[lead:] if start else tokenizer.encode(text[:stop])
        if ids[offset : offset + len(run)] == run:
            start, offset = stop, offset + len(run)
            found.append(offset)
        elif len(run) > limit:
            break
    return found


def _place_to_cut(text: str, start: int, end: int) -> int:
    """Behind the sentence `[start, end)` and its line breaks, before the blanks that follow: tokenizers like
    Mistral's join a blank to the word behind it, so only before the blank is a place between tokens."""
    bare = start + len(text[start:end].rstrip())
    return max(bare, text.rfind("\n", bare, end) + 1)
