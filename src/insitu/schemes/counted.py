"""The arrays of one layer, and what is counted of them: events as they happen, what reads conduct now and then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.arrays.crossbar import Crossbar
from insitu.arraytypes import Floats
from insitu.schemes.given import refuse_inputs


class CountedArrays:
    """One or more arrays that make the weights of a layer, and one that a scheme may have beside them.

    Attributes
    ----------
    levels : one :class:`Crossbar` a part, most significant first. The last one has the effective weights.
    fast : an array that gets the pulses in place of the weights, if the scheme has one.
    heard : events of listening, in the order of COUNTS.
    ranges : (2,) largest sums that an ADC converts, forwards and transposed; 0 is any. sums : (2, bins) how many of which
        size learning has seen since they were last set.
    drive : (3, rows or columns, whichever are more) how long learning has driven each row, and each column, since it was
        last looked at what they conduct, and how long each column was read with all rows driven; in 1/256 of a whole read.
    """

    levels: tuple[Crossbar, ...]
    fast: Crossbar | None
    reading: Any  # what reads want to know: see ReadWeights

    def __init__(self, rows: int, columns: int, bias: bool) -> None:
        from insitu.kernels.converting import BINS
        from insitu.kernels.state import COUNTS

        self.rows, self.columns, self.bias = rows, columns, bias
        self.heard = np.zeros(len(COUNTS), np.int64)
        self.drive, self._heard_drive = np.zeros((2, 3, max(rows, columns)), np.int64)
        self._listening = False
        self.ranges, self.sums = np.zeros(2), np.zeros((2, BINS), np.int64)

    @property
    def array(self) -> Crossbar:
        """The least significant array, which has the effective weights."""
        return self.levels[-1]

    @property
    def inputs(self) -> int:
        """Rows that take an input, without the bias."""
        return self.rows - self.bias

    @property
    def planes(self) -> int:
        """Devices that a read of one weight drives."""
        return sum(level.encoding.planes for level in self.levels)

    @property
    def arrays_of_cells(self) -> tuple[Crossbar, ...]:
        """All arrays, that of the scheme last."""
        return self.levels if self.fast is None else (*self.levels, self.fast)

    @property
    def counts(self) -> NDArray[np.int64]:
        """Events of learning, of all arrays together, in the order of insitu.kernels.state.COUNTS."""
        return np.asarray(np.sum(self.counts_by_array, axis=0))

    @property
    def counts_by_array(self) -> list[NDArray[np.int64]]:
        """The same of each of :attr:`arrays_of_cells`; of reads of all levels at once, what they conduct belongs to the array
        that does, all else to :attr:`array`."""
        found = [array.counts.copy() for array in self.arrays_of_cells]
        self._meter(self.drive, found)
        return found

    @property
    def tally(self) -> NDArray[np.int64]:
        """Where events are counted now."""
        return self.heard if self._listening else self.array.counts

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Count reads as listening, not as learning."""
        before, self._listening = self._listening, True
        try:
            yield
        finally:
            self._listening = before
            self._meter(self._heard_drive, [self.heard] * len(self.levels))
            self._heard_drive[:] = 0

    def _count(self, way: int, x: Floats, outputs: int, bias: int) -> None:
        """Count the reads of a batch x (batch, lines) that drives rows (0) or columns (1), with a line at 1 if ``bias``.

        Raises
        ------
        InputError : one of the numbers is not finite or too large; nothing is counted then.
        """
        from insitu.kernels.reading import count_batch

        if not count_batch(x, bias, outputs, way, self.reading.address, self.tally, self._driven[way]):
            refuse_inputs("xd"[way], x)

    @property
    def _driven(self) -> NDArray[np.int64]:
        return self._heard_drive if self._listening else self.drive

    def note(self, drive: NDArray[np.int64]) -> None:
        """Note how long reads drove rows, or rows and columns (2, lines), which whoever carried them out has counted.

        What is noted is taken: ``drive`` is 0 afterwards.
        """
        ways = drive.reshape(-1, drive.shape[-1])
        most = self._driven.shape[-1]
        self._driven[: len(ways), : ways.shape[-1]] += ways[:, :most]
        drive[:] = 0

    def meter(self) -> None:
        """Count what the lines that learning has driven since the last look conduct, as the cells are now."""
        self._meter(self.drive, [level.counts for level in self.levels])
        self.drive[:] = 0

    def _meter(self, drive: NDArray[np.int64], counts: list[NDArray[np.int64]]) -> None:
        """Count in ``counts``, of each level, what lines that were driven so long conduct as the cells are now."""
        from insitu.kernels.reading import add_lines
        from insitu.kernels.state import CONDUCTANCE_READ, PARTS

        if drive.any():
            for level, of in zip(self.levels, counts, strict=False):
                sums = np.zeros(self.rows), np.zeros(self.columns)
                add_lines(level.address, self.inputs, *sums)
                for driven, on_line in zip(drive, (*sums, sums[1]), strict=True):
                    parts = np.rint(on_line * (PARTS / level.device.g_max)).astype(np.int64)
                    of[CONDUCTANCE_READ] += driven[: parts.size] @ parts
