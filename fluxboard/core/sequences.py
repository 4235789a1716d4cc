"""What two sequences have in common, in a time that has a bound.

The longest common subsequence by RapidFuzz, which compares 64 pairs at a step (Hyyrö, "Bit-Parallel
LCS-length Computation Revisited", 2004). Python's difflib takes the cube of the length for texts that are
made for it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

from fluxboard.core import limits


class TooLong(ValueError):
    """What differs is more than may be compared."""


class DiffStep(NamedTuple):
    """`old[a1:a2]` became `new[b1:b2]`, or is the same where `is_same`."""

    is_same: bool
    a1: int
    a2: int
    b1: int
    b2: int


def steps_between(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[DiffStep]:
    """What stayed and what changed, in order, by turns.

    Raises `TooLong` when the product of the lengths of what differs, without the beginning and the end that
    are the same, is above `limits.COMPARED`.
    """
    begin, end = _same_ends(old, new)
    old_end, new_end = len(old) - end, len(new) - end
    if (old_end - begin) * (new_end - begin) > limits.COMPARED:
        raise TooLong
    steps = [DiffStep(True, 0, begin, 0, begin)]
    for code in LCSseq.opcodes(old[begin:old_end], new[begin:new_end]):
        old_span = begin + code.src_start, begin + code.src_end
        steps.append(DiffStep(code.tag == "equal", *old_span, begin + code.dest_start, begin + code.dest_end))
    steps.append(DiffStep(True, old_end, len(old), new_end, len(new)))
    return _joined(steps)


def _same_ends(old: Sequence[Hashable], new: Sequence[Hashable]) -> tuple[int, int]:
    most = min(len(old), len(new))
    begin = next((at for at in range(most) if old[at] != new[at]), most)
    end = next((at for at in range(most - begin) if old[-1 - at] != new[-1 - at]), most - begin)
    return begin, end


def _joined(steps: list[DiffStep]) -> list[DiffStep]:
    """Without empty steps, and with steps of one kind made into one."""
    joined: list[DiffStep] = []
    for step in steps:
        if step.a1 == step.a2 and step.b1 == step.b2:
            continue
        if joined and joined[-1].is_same == step.is_same:
            last = joined.pop()
            step = DiffStep(step.is_same, last.a1, step.a2, last.b1, step.b2)
        joined.append(step)
    return joined
