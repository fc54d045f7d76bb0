"""Zstandard frames in a file that may end in the middle of one, or be damaged.

The layout of a frame (RFC 8878, section 3.1): magic number, header, blocks of at most 128 KiB, each with a 3-byte
header that holds its size and whether it is the last, then a checksum. So a frame's end is found without decompressing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import zstandard

_MAGIC = zstandard.FRAME_HEADER
_LONGEST_HEADER = 18
_BLOCK = 128 * 1024
_RLE, _RESERVED = 1, 3


@dataclass(frozen=True, slots=True)
class Frame:
    """A whole frame: it stands in `[offset, offset + length)` of the file and holds `content`."""

    offset: int
    length: int
    content: bytes


def pack(content: bytes) -> bytes:
    """One frame, with checksum and content size."""
    compressor = zstandard.ZstdCompressor(write_checksum=True, write_content_size=True)
    return compressor.compress(content)


def unpack(frame: bytes) -> bytes:
    """The content of one whole frame. Raises `zstandard.ZstdError`."""
    return zstandard.ZstdDecompressor().decompress(frame)


def scan(file: BinaryIO) -> Iterator[Frame]:
    """The whole frames of `file` in their order; what is torn or damaged is passed over."""
    offset: int | None = 0
    while offset is not None:
        file.seek(offset)
        raw = _raw_frame(file)
        content = None if raw is None else _content(raw)
        if raw is None or content is None:
            offset = _next_magic(file, offset + 1)
        else:
            yield Frame(offset, len(raw), content)
            offset += len(raw)


def _raw_frame(file: BinaryIO) -> bytes | None:
    """The bytes of the frame that starts at the file's position, None where no frame with a checksum does."""
    start = file.tell()
    head = file.read(_LONGEST_HEADER)
    try:
        header = zstandard.frame_header_size(head)
        parameters = zstandard.get_frame_parameters(head)
    except zstandard.ZstdError:
        return None
    if not parameters.has_checksum:
        return None
    file.seek(start + header)
    parts, blocks, last = [head[:header]], 0, False
    while not last:
        block = file.read(3)
        value = int.from_bytes(block, "little")
        last, kind, size = bool(value & 1), value >> 1 & 3, value >> 3
        if len(block) < 3 or kind == _RESERVED:
            return None
        size = 1 if kind == _RLE else size
        body = file.read(size)
        if len(body) < size:
            return None
        parts += block, body
        blocks += 1
    checksum = file.read(4)
    # Decompressing allocates what the header promises, so a damaged header must not promise more than can be there.
    if len(checksum) < 4 or not 0 <= parameters.content_size <= blocks * _BLOCK:
        return None
    return b"".join((*parts, checksum))


def _content(raw: bytes) -> bytes | None:
    try:
        return unpack(raw)
    except zstandard.ZstdError:
        return None


def _next_magic(file: BinaryIO, offset: int) -> int | None:
    """Where the next magic number stands, at `offset` or after it."""
    file.seek(offset)
    window = b""
    while chunk := file.read(1 << 20):
        window += chunk
        at = window.find(_MAGIC)
        if at >= 0:
            return offset + at
        kept = window[-len(_MAGIC) + 1 :]
        offset += len(window) - len(kept)
        window = kept
    return None
