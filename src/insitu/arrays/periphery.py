"""What stands around a crossbar that learns from differences: signed, noisy reads, and a controller with targets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.arrays.crossbar import Crossbar
from insitu.arrays.writing import WriteVerify, Writing
from insitu.errors import InputError
from insitu.random import Stream, uniform

_STATE = ("targets", "written", "time")


class Periphery:
    """The drivers, converters and the controller of one crossbar.

    An input between -1 and 1 is applied as two reads, of its positive and of its negative part, whose results are
    subtracted. Read noise is exact for each output without drawing a number a cell: the sum over cells of independent
    normal numbers is normal with the variance ``sum_i x_i**2 sum_p (gain_p sd(g_ip))**2``.

    Parameters
    ----------
    array : analogue, see :class:`insitu.arrays.Crossbar`.
    writing : how its targets are written.
    bias : whether the last row is driven with 1 in every read; it is not among the inputs then.

    Attributes
    ----------
    targets, written : (rows, columns) float32, digital memory of the controller: the weights that learning wants, and the
        targets that were last written.
    time : reads so far, the time of the read noise.
    """

    def __init__(self, array: Crossbar, writing: Writing, *, bias: bool = False) -> None:
        if array.encoding.digital:
            raise InputError("array: bit slices cannot be read with graded inputs; use an analogue encoding")
        self.array, self.writing, self.bias = array, writing, bias
        self.targets = array.weights.copy()
        self.written = array.weights.copy()
        self.time = np.zeros((), np.int64)
        device = array.device
        self.noisy = device.read_noise.on or bool(device.telegraph.fraction and device.telegraph.jump)
        self._variance: NDArray[np.float32] | None = None
        self._jumping: NDArray[np.bool_] | None = None

    @property
    def inputs(self) -> int:
        """Rows that take an input, without the bias."""
        return self.array.rows - self.bias

    # -- writing ---------------------------------------------------------------------------------------------------

    def set_targets(self, targets: NDArray[np.floating]) -> None:
        """Write all weights (rows, columns) once, closed loop, whatever is used while learning."""
        encoding = self.array.encoding
        self.targets[:] = np.clip(targets, encoding.w_min, encoding.w_max)
        far = np.float32(4 * (encoding.w_max - encoding.w_min))
        self.written[:] = self.targets - np.where(self.targets < self.array.weights, -far, far)  # outside any dead band
        closed = self.writing if isinstance(self.writing, WriteVerify) else WriteVerify()
        replace(closed, dead_band=0.0).write(self.array, self.targets, self.written)
        self._variance = None

    def update(self, change: NDArray[np.floating], examples: int) -> int:
        """Add a change (rows, columns), in units of weight, to the targets and write; return the weights touched.

        ``examples`` is over how many the controller has added it up: two multiply-accumulates each, one of either phase,
        and three operations more a weight (add to the target, clip it, compare it with what was written).
        """
        from insitu.kernels.state import DIGITAL_OPS

        self.array.counts[DIGITAL_OPS] += (4 * examples + 3) * change.size
        self.array.require_all_live()
        encoding = self.array.encoding
        self.targets += change
        np.clip(self.targets, encoding.w_min, encoding.w_max, out=self.targets)
        touched = self.writing.write(self.array, self.targets, self.written)
        if touched:
            self._variance = None
        return touched

    # -- reading ---------------------------------------------------------------------------------------------------

    def read(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the sums (batch, columns) of inputs x (batch, inputs)."""
        weights = self.array.weights
        out = x @ (weights[:-1] if self.bias else weights)
        if self.bias:
            out += weights[-1]
        if self.noisy:
            variance = self.variance()
            spread = (x * x) @ (variance[:-1] if self.bias else variance)
            self._add_noise(out, spread + variance[-1] if self.bias else spread)
        self._count(x, self.array.columns, out.size, self.bias * len(x))
        return out

    def read_transposed(self, delta: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the sums (batch, inputs) of columns driven with delta (batch, columns): the same cells, other way."""
        weights = self.array.weights[: self.inputs]
        out = delta @ weights.T
        if self.noisy:
            self._add_noise(out, (delta * delta) @ self.variance()[: self.inputs].T)
        self._count(delta, self.inputs, out.size, 0)
        return out

    def read_binary(self, x: NDArray[np.float32], weights: NDArray[np.float32], noise: NDArray[np.float32]) -> Any:
        """Return the sums (batch, c) of some columns for inputs x (batch, rows) of +1 and -1; no bias.

        Parameters
        ----------
        weights, noise : (rows, c) and (1, c), of these columns: copied once for many reads by whoever updates block by block.
            ``noise`` is what :meth:`variance` adds up to.
        """
        out = x @ weights
        if self.noisy:
            self._add_noise(out, noise)
        self._count_lines(x.size, weights.shape[1], 2 * out.size)
        return out

    def variance(self) -> NDArray[np.float32]:
        """Return the variance (rows, columns) that one read of each weight adds at an input of 1."""
        if self._variance is None:
            device, gains = self.array.device, self.array.map.gains
            noise, g = device.read_noise, self.array.g
            sd = (noise.cv or 0.0) * g + (noise.sd or 0.0)
            total = np.square(sd * gains[:, None, None].astype(np.float32))
            if device.telegraph.fraction and device.telegraph.jump:
                jump = np.where(self._jumps(), g * np.float32(device.telegraph.jump / 2), 0)
                total += np.square(jump * gains[:, None, None].astype(np.float32))
            self._variance = np.ascontiguousarray(total.sum(axis=0).T)
        return self._variance

    def _jumps(self) -> NDArray[np.bool_]:
        """Return which cells (planes, columns, rows) jump between two levels."""
        if self._jumping is None:
            array = self.array
            u = uniform(array.seed, Stream.FABRICATE + 16 * array.index, array.g.size, 16)
            self._jumping = (u < (array.device.telegraph.fraction or 0.0)).reshape(array.g.shape)
        return self._jumping

    def _add_noise(self, out: NDArray[np.float32], variance: NDArray[Any]) -> None:
        from insitu.kernels.targets import add_noise

        add_noise(out, variance, int(self.time), self.array.state.streams, self.array.state.key)
        self.time += 1

    def _count(self, driven: NDArray[np.float32], outputs: int, results: int, ones: int) -> None:
        signed = 2 if driven.size and driven.min() < 0 else 1  # the negative part takes a read of its own
        self._count_lines(int(np.count_nonzero(driven)) + ones, outputs, signed * results)

    def _count_lines(self, lines: int, outputs: int, conversions: int) -> None:
        from insitu.kernels.state import CONVERSIONS, PRODUCTS, READS, ROW_DRIVES

        counts = self.array.counts
        counts[READS] += lines * outputs * self.array.encoding.planes
        counts[ROW_DRIVES] += lines
        counts[CONVERSIONS] += conversions
        counts[PRODUCTS] += conversions // max(outputs, 1)

    # -- saving ----------------------------------------------------------------------------------------------------

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return a copy of all that learning changed, the array included."""
        return {name: np.array(getattr(self, name)) for name in _STATE} | self.array.arrays()

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Put back what :meth:`arrays` returned, into a periphery made with the same parameters and seed."""
        self.array.restore(arrays)
        for name in _STATE:
            getattr(self, name)[...] = arrays[name]
        self._variance = None
