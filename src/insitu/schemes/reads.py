"""How the weights of a layer are read: sums of driven lines with their noise, through converters, counted."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Floats
from insitu.chip import Chip
from insitu.chip.chip import weights_across
from insitu.chip.ranging import learned
from insitu.chip.reading import spread_of, through_converters
from insitu.schemes.counted import CountedArrays
from insitu.schemes.given import addresses, unchecked


class ReadWeights(CountedArrays):
    """Arrays that make the weights of a layer, and the chip through which they are read."""

    chip: Chip

    @property
    def values(self) -> Floats:
        """(rows, columns) effective weights, always current; treat as read-only."""
        return self.array.weights

    def read(self, x: Floats, numbers: NDArray[np.uint64], turn: int = 0) -> Floats:
        """Return the sums (batch, columns) of inputs x (batch, inputs).

        Parameters
        ----------
        numbers : (batch,) of the examples; turn : which of the reads of an example this is. Both together are the address
            of its noise.
        """
        x, numbers = unchecked("x", x, columns=self.inputs), addresses(numbers, len(x))
        self._count(0, x, self.columns, int(self.bias))
        weights, variance, last = self.values, self.array.variance, self.inputs
        if self.converts:
            driven = np.column_stack([x, np.ones(len(x), np.float32)]) if self.bias else x
            return self._converted(driven, weights, variance, numbers, turn, 0)
        out = x @ weights[:last]
        if self.bias:
            out += weights[last]
        if self.noisy:
            spread = spread_of(x, variance[:last] if variance.size > 1 else variance, self.columns)
            if self.bias:
                spread += variance[-1]
            self._hear(out, spread, 0, numbers, turn)
        return out

    def read_transposed(self, d: Floats, numbers: NDArray[np.uint64], turn: int = 0) -> Floats:
        """Return the sums (batch, inputs) of columns driven with d (batch, columns): the same cells, other way."""
        d, numbers = unchecked("d", d, columns=self.columns), addresses(numbers, len(d))
        self._count(1, d, self.inputs, 0)
        weights, variance = self.values[: self.inputs], self.array.variance
        across = variance[: self.inputs].T if variance.size > 1 else variance
        if self.converts:
            return self._converted(d, weights.T, across, numbers, turn, 1)
        out = d @ weights.T
        if self.noisy:
            self._hear(out, spread_of(d, across, self.inputs), 1, numbers, turn)
        return out

    def _hear(self, out: Floats, spread: Floats, way: int, numbers: NDArray[np.uint64], turn: int) -> None:
        """Add to sums (batch, outputs) the noise of cells, of variance ``spread`` (which is overwritten), and of circuits."""
        from insitu.kernels.reading import add_noise_batch

        if self.chip.output_variance:
            spread += np.float32(self.chip.output_variance * self.parts(way))
        add_noise_batch(out, spread, numbers, turn, self.reading.address)

    def _converted(
        self, x: Floats, weights: Floats, variance: Floats, numbers: NDArray[np.uint64], turn: int, way: int
    ) -> Floats:
        extra = self.chip.output_variance
        return through_converters(x, weights, variance, extra, numbers, turn, way, self.reading, self.tally)

    @property
    def converts(self) -> bool:
        """Whether reads go through converters that are not ideal."""
        return self.chip.dac_bits is not None or self.chip.adc_bits is not None

    @property
    def adjusts(self) -> bool:
        """Whether the range of the ADC is learned."""
        return self.chip.adc_bits is not None and self.chip.adc_range is None

    def adjust(self) -> None:
        """Set the range of the ADC by the sums that were seen since it was last set."""
        for way, sums in enumerate(self.sums):
            self.ranges[way] = learned(sums, self.chip.adc_quantile) or self.ranges[way]
        self.sums[:] = 0

    def parts(self, way: int) -> int:
        """Return into how many sums the lines of a read, forwards (0) or transposed (1), are divided."""
        r = self.reading.of
        return -(-self.rows // int(r.rows_a_part)) if way == 0 else -(-self.columns // int(r.columns_a_part))

    def spread_of_binary(self) -> Floats:
        """Return the variance (columns,) of a read whose inputs are all +1 or -1."""
        variance = self.array.variance
        total = variance.sum(axis=0) if variance.size > 1 else np.full(self.columns, self.rows * variance[0, 0])
        return np.asarray(total + self.chip.output_variance * self.parts(0), np.float32)

    def heard_binary(
        self,
        out: Floats,
        x: Floats,
        order: NDArray[np.intp],
        part: slice,
        spread: Floats,
        numbers: NDArray[np.uint64],
        turn: int,
    ) -> None:
        """Count a read of some columns for inputs x (batch, rows) of +1 and -1, and make of the sums ``out`` what it says.

        Parameters
        ----------
        out : (batch, c), which whoever updates block by block has summed. order : (rows,) which row each input drives;
            ``part`` of it are the columns. spread : (1, c), of :meth:`spread_of_binary`.
        """
        from insitu.kernels.reading import add_noise_batch, count_binary
        from insitu.kernels.state import PARTS

        columns = order[part]
        if self.converts:
            driven, variance = np.empty_like(x), self.array.variance
            driven[:, order] = x
            of = variance[:, columns] if variance.size > 1 else variance
            out[:] = self._converted(driven, self.values[:, columns], of, numbers, turn, 0)
        elif self.noisy:
            add_noise_batch(out, np.ascontiguousarray(spread), numbers, turn, self.reading.address)
        count_binary(x, out.shape[1], self.reading.address, self.tally)
        self._driven[2, columns] += PARTS * len(x)  # all rows are driven in full

    @property
    def noisy(self) -> bool:
        """Whether two reads differ."""
        return bool(self.array.noisy or self.array.variance[0, 0] > 0 or self.chip.output_variance)

    @property
    def reading(self) -> Any:
        """What reads of this layer want to know, in memory, as the loops of :mod:`insitu.kernels` take it."""
        return self._reading[not self._listening and self.adjusts]

    @cached_property
    def _reading(self) -> tuple[Any, Any]:
        """The same without, and with, a look at how large the sums are."""
        from insitu.kernels.memory import Placed
        from insitu.kernels.state import Read

        s, chip, joined = self.array.state, self.chip, self.chip.partial_sums == "currents"
        most = max(level.encoding.planes for level in self.levels)
        quiet = Read(
            weights=self.values,
            variance=self.array.variance,
            noisy=s.noisy,
            planes=self.planes,
            output_variance=chip.output_variance,
            key=s.key,
            streams=s.streams,
            rows_a_part=self.rows if joined else min(chip.tile_rows or self.rows, self.rows),
            columns_a_part=self.columns if joined else weights_across(chip.tile_columns, self.columns, most),
            together=int(chip.signed_dac),
            dac=chip.dac_levels,
            adc=chip.adc_levels,
            ranges=self.ranges,
            sums=np.zeros((0, 0), np.int64),
        )
        return Placed(quiet), Placed(quiet._replace(sums=self.sums))
