"""The memory that a stack's arrays lie in."""

from __future__ import annotations

import numpy as np

from gdrun.descent.memory import BLOCK_BYTES, LINE, PAGE, Block
from tests.descent.setups import FLOAT32, FLOAT64


def test_pieces_lie_behind_each_other_each_by_itself() -> None:
    block = Block()
    pieces = [block.empty((3, 7), FLOAT64), block.empty((5,), FLOAT32), block.empty((2, 2), FLOAT64)]
    assert [piece.shape for piece in pieces] == [(3, 7), (5,), (2, 2)]
    assert [piece.dtype for piece in pieces] == [FLOAT64, FLOAT32, FLOAT64]
    for number, piece in enumerate(pieces):
        piece[...] = number
    assert [np.unique(piece).tolist() for piece in pieces] == [[0], [1], [2]]
    starts = [piece.ctypes.data for piece in pieces]
    assert starts[0] % PAGE == 0
    assert np.diff(starts).tolist() == [-(-3 * 7 * 8 // LINE) * LINE, LINE]


def test_a_piece_larger_than_what_is_left_has_memory_of_its_own() -> None:
    block = Block()
    small, large = block.empty((10,), FLOAT64), block.empty((BLOCK_BYTES // 4,), FLOAT64)
    large[...] = 1
    small[...] = 2
    assert large.sum() == BLOCK_BYTES // 4


def test_what_is_moved_in_is_a_copy_with_the_same_numbers() -> None:
    turned = np.arange(12.0).reshape(3, 4).T
    moved = Block().copy(turned)
    np.testing.assert_array_equal(moved, turned)
    assert moved.flags.c_contiguous
    assert not np.shares_memory(moved, turned)
