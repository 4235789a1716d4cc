"""Pages put together from parts that were compressed before: one gzip stream, each part packed by itself.

A part ends on a whole byte and refers to nothing before it, so parts can stand in any order. What must differ
each time, such as a token, goes in as it is: it never shares a dictionary with anything that a visitor can
choose, which is what BREACH needs. The checksum of the whole is computed from those of the parts (zlib's
crc32_combine, by Mark Adler).
"""

from __future__ import annotations

import secrets
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

LEVEL = 6
STORED_AT_MOST = 65_535
POLYNOMIAL = 0xEDB88320
ONE = 1 << 31  # x^0; bits stand in reverse


def _times(a: int, b: int) -> int:
    """The product of two polynomials over GF(2), modulo CRC-32's."""
    product, bit = 0, ONE
    while a:
        if a & bit:
            product ^= b
            a ^= bit
        bit >>= 1
        b = (b >> 1) ^ POLYNOMIAL if b & 1 else b >> 1
    return product


def _squares() -> list[int]:
    powers = [1 << 30]
    while len(powers) < 32:
        powers.append(_times(powers[-1], powers[-1]))
    return powers


SQUARES = _squares()


def shift_of(size: int) -> int:
    """What a checksum has to be multiplied by when `size` more bytes follow: x^(8 size)."""
    power, place = ONE, 3
    while size:
        if size & 1:
            power = _times(SQUARES[place & 31], power)
        size >>= 1
        place += 1
    return power


class Plain:
    """Some of a page with its text: `size` bytes, `packed` as whole bytes of deflate."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.size = len(text)

    @cached_property
    def packed(self) -> bytes:
        return _packed(self.text)

    def after(self, crc: int) -> int:
        """The checksum of all up to here, when `crc` is that of what came before."""
        return zlib.crc32(self.text, crc)


class Fresh(Plain):
    """A part of this one page, such as a token: stored as it is, next to nothing that it could betray."""

    @cached_property
    def packed(self) -> bytes:
        text = self.text
        return b"".join(
            b"\0" + struct.pack("<HH", len(piece), len(piece) ^ 0xFFFF) + piece
            for piece in (text[at : at + STORED_AT_MOST] for at in range(0, len(text), STORED_AT_MOST))
        )


@dataclass(frozen=True, slots=True)
class Packed:
    """A part without its text, which is long and known elsewhere."""

    size: int
    crc: int
    packed: bytes
    shift: int

    @classmethod
    def of(cls, text: bytes) -> Packed:
        return cls(len(text), zlib.crc32(text), _packed(text), shift_of(len(text)))

    @classmethod
    def joined(cls, parts: Iterable[Packed]) -> Packed:
        """Several as one."""
        size, crc, packed = 0, 0, []
        for part in parts:
            crc = part.after(crc)
            size += part.size
            packed.append(part.packed)
        return cls(size, crc, b"".join(packed), shift_of(size))

    def after(self, crc: int) -> int:
        return _times(self.shift, crc) ^ self.crc


def _packed(text: bytes) -> bytes:
    squeezing = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, 9)
    return squeezing.compress(text) + squeezing.flush(zlib.Z_SYNC_FLUSH)


def gzipped(parts: Iterable[Plain | Packed]) -> bytes:
    """One gzip stream of all parts, its length blurred by a name of random length as Django's own are."""
    name = b"a" * (1 + secrets.randbelow(100))
    stream = [b"\x1f\x8b\x08\x08\0\0\0\0\0\xff", name, b"\0"]
    size, crc = 0, 0
    for part in parts:
        stream.append(part.packed)
        crc = part.after(crc)
        size += part.size
    stream.append(b"\x03\0" + struct.pack("<II", crc, size & 0xFFFFFFFF))
    return b"".join(stream)
