"""What Tiki-Taka and its kin share: a fast array takes the gradient by pulses, digital memory hands it to a slow one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from insitu.arrays.crossbar import Crossbar
from insitu.arrays.zeroshift import zero_shift
from insitu.cells import Encoding, Significance
from insitu.cells.steps import mean_steps
from insitu.devices.base import Device
from insitu.errors import InputError, require_between, require_whole
from insitu.kernels.cache import load
from insitu.schemes.base import Form, Kernels, Scheme
from insitu.schemes.blind_pulses import StochasticTrains, Trains, check_trains

if TYPE_CHECKING:
    from insitu.schemes.weights import Weights

_MOVED = 0.2  #: of its range a fast cell has to move between two flips; below it, networks learned little or nothing


@dataclass(frozen=True, kw_only=True)
class FastArray(Scheme):
    """A: fast array, H: digital memory, C: slow array, which is read.

    1. ``A += fast_pulses s_A c x d`` by pulses; s_A its mean step, c = +-1 the polarity of a row, d without rate.
    2. At every ``every``-th image, of the next ``rows`` rows: what is read of A is added to H.
    3. Where ``|H| >= threshold s_C``: one pulse to C, and H loses as much.
    4. The polarity c of a row that was read may flip.

    A forgets because pulses draw its cells to their symmetry points, so it wants devices whose step depends on their state,
    and pulses enough (``fast_pulses``) to cross their range every few sweeps.

    Parameters
    ----------
    fast_pulses : pulses to A for x = d = 1. Where ``fast_pulses max|x| max|d|`` is more than the slots of a train, the change
        of this example shrinks.
    every, rows : see 2. A sweep of all rows takes ``every / rows`` images a row.
    gain : change of H at rate 1 by a read of a cell that is at the end of its range.
    threshold : in mean steps of C, up and down, from where a weight is 0.
    trains : how x and d become pulses on A.
    part : devices of A and how they make a weight; None is as the least significant part of the weights.
    zero_shift : pairs of pulses, up and down, before training; where they leave a cell is its reference, and its start.
    reference_error : standard deviation of the reference, relative to the largest weight of A; None is exact.
    """

    fast_pulses: float = 20.0
    every: int = 1
    rows: int = 64
    gain: float = 0.04
    threshold: float = 1.0
    trains: Trains = field(default_factory=StochasticTrains)
    part: Significance | None = None
    zero_shift: int = 200
    reference_error: float | None = None
    takes: ClassVar[tuple[Form, ...]] = ("factors", "column")
    tunable: ClassVar[Mapping[str, tuple[float, float]]] = {"gain": (0.004, 0.4), "fast_pulses": (2.0, 200.0)}
    kept: ClassVar[int] = 1
    uses: ClassVar[tuple[str, ...]] = ("overlap",)
    carried: ClassVar[tuple[str, ...]] = ("give",)
    called: ClassVar[str]  #: in messages
    slower: ClassVar[str]  #: what makes polarities flip less often, in words

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("fast_pulses", "gain", "threshold"):
            require_between(f"{self.called}.{name}", getattr(self, name), 1e-6, 1e6, optional=False)
        require_whole(f"{self.called}.every", self.every, 1)
        require_whole(f"{self.called}.rows", self.rows, 1)
        require_whole(f"{self.called}.zero_shift", self.zero_shift, 0, 1_000_000)
        require_between(f"{self.called}.reference_error", self.reference_error, 0, 10)
        check_trains(f"{self.called}.trains", self.trains)
        if self.part is not None and not isinstance(self.part, Significance):
            raise InputError(f"{self.called}.part: got {self.part!r}; allowed is Significance(device=...) or None")

    def require(self, device: Device, encoding: Encoding, form: Form) -> None:
        """Refuse devices that do not move both ways, and codes of bits."""
        self.require_steps(device, encoding)
        if encoding.digital:
            raise InputError(
                f"scheme: {type(self).__name__} reads its slow array while it learns and pulses single steps of it, which is "
                "no step of a code of bits; allowed with BitSlices are MixedPrecision, ErrorAware, SignPulses and WriteVerify"
            )

    @property
    @abstractmethod
    def flips(self) -> float:
        """How often a polarity flips, a read of its row."""

    @property
    @abstractmethod
    def flipping(self) -> tuple[float, float]:
        """The last numbers of the carry, see :mod:`insitu.kernels.carry`."""

    def fast(self, weights: Weights, index: int) -> Crossbar:
        """Return the fast array, zero-shifted."""
        device, encoding = weights.array.device, weights.array.encoding
        if self.part is not None:
            device = self.part.device or device
            encoding = self.part.encoding(device, 1.0)
        fast = Crossbar(
            device, weights.rows, weights.columns, encoding=encoding, seed=weights.seed, index=index, stacked=True,
            wires=weights.chip.wires,
        )  # fmt: skip
        zero_shift(fast, self.zero_shift, (self.reference_error or 0.0) * encoding.w_max)
        return fast

    def kernels(self, weights: Weights) -> Kernels:
        """Return the compiled functions."""
        outer, carry = load("outer", "blind pulses"), load("carry", "Tiki-Taka").carry
        return Kernels(getattr(outer, self.trains.kernel), outer.column, None, carry)

    def warning(self, weights: Weights, shown: int) -> str | None:
        """Say if polarities flip before the fast cells, which still hold what was written with the other one, have moved."""
        flips = self.sweeps(weights, shown) * self.flips
        moved = self.crossings(weights) / max(flips, 1.0)
        if flips < 1 or moved > _MOVED:
            return None
        return (
            f"a cell of the fast array is pulsed over {moved:.1g} of its range between two flips of its polarity, and holds "
            f"what was written before them; {self.slower}, raise fast_pulses, or give it a part with larger steps"
        )

    def sweeps(self, weights: Weights, shown: int) -> float:
        """Return how often all rows of A were read: after every example, or after every outer product that was asked for."""
        return max(shown, int(weights.updates)) // self.every * self.rows / weights.rows

    def crossings(self, weights: Weights) -> float:
        """Return how often the pulses that a fast cell got so far, all in one direction, would carry it over its range."""
        from insitu.kernels.state import PULSES_DOWN, PULSES_UP

        fast = weights.learning
        pulses = fast.counts[[PULSES_UP, PULSES_DOWN]].sum() / (
            np.count_nonzero(fast.map.signs) * fast.rows * fast.columns
        )
        return (
            float(pulses)
            * sum(mean_steps(fast.device, fast.encoding))
            / 2
            / (fast.encoding.w_max - fast.encoding.w_min)
        )

    def numbers(self, weights: Weights, rate: float) -> list[float]:
        """Return the numbers of the trains, padded, and those of the carry."""
        array = weights.learning
        # the errors that reach A carry the rate; how large a change is matters less to A, which forgets, than its direction
        trains = self.trains.numbers(rate / self.fast_pulses, shrink=True)
        trains += [0.0] * (5 - len(trains))
        gain = self.gain * rate / array.encoding.w_max
        return [*trains, self.every, self.rows, gain, self.threshold * weights.step, *self.flipping]
