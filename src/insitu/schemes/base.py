"""What a scheme is: how a wanted change of weights reaches the devices, and what it keeps beside them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from insitu.arrays.closed_loop import ClosedLoop
from insitu.arrays.crossbar import Crossbar
from insitu.cells import Encoding
from insitu.cells.steps import mean_steps
from insitu.chip import Chip
from insitu.devices.base import Device
from insitu.errors import InputError
from insitu.plugins import Portable
from insitu.schemes.moving import Moving
from insitu.schemes.transfer import Transfer

if TYPE_CHECKING:
    from insitu.schemes.weights import Weights

#: factors of one example, the column of a neuron that fires, or a whole matrix
Form = Literal["factors", "column", "dense"]


class Kernels(NamedTuple):
    """The compiled functions of a scheme, for the types of :mod:`insitu.kernels.state`; None where a form is not taken."""

    update: Any  #: of the factors of one example
    column: Any
    dense: Any
    carry: Any = None  #: from the array that learns to the one that is read


@dataclass(frozen=True, kw_only=True)
class Scheme(Portable, ABC):
    """The abstract base of all schemes.

    Parameters
    ----------
    transfer : when and how weights of several significances move up, and saturated pairs of one-sided devices are renewed;
        None never.
    """

    transfer: Moving | None = field(default_factory=Transfer)

    #: field -> range in which ``insitu tune`` may look for a better value
    tunable: ClassVar[Mapping[str, tuple[float, float]]] = {}
    #: in which form it takes a wanted change
    takes: ClassVar[tuple[Form, ...]] = ("factors", "column", "dense")
    #: numbers that it keeps for each weight
    kept: ClassVar[int] = 0
    #: entry points of the array that learns, and of the one that is read if that is another one
    uses: ClassVar[tuple[str, ...]] = ()
    carried: ClassVar[tuple[str, ...]] = ()
    #: whether a device with a statistical law of programming is written by that law, whatever its pulses do
    by_law: ClassVar[bool] = False
    #: whether weights change as numbers do, not by pulses
    exact: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.transfer is not None and not isinstance(self.transfer, Moving):
            raise InputError(
                f"transfer: got {self.transfer!r}; allowed is Transfer(...), ResidualTransfer(...) or None"
            )

    def check(self, device: Device, encoding: Encoding, form: Form) -> None:
        """Raise InputError if this scheme cannot train such weights by changes of this form, with the reason and what could.

        A scheme that wants more of them overrides :meth:`require`.
        """
        if form not in self.takes:
            raise InputError(
                f"scheme: {type(self).__name__} takes a wanted change as {' or '.join(self.takes)}, not {form}; allowed here "
                "are WriteVerify and MixedPrecision"
            )
        self.require(device, encoding, form)

    def require(self, device: Device, encoding: Encoding, form: Form) -> None:
        """Raise InputError if this scheme asks of the device or the encoding what it cannot do."""

    @abstractmethod
    def kernels(self, weights: Weights) -> Kernels:
        """Return the compiled functions."""

    @abstractmethod
    def numbers(self, weights: Weights, rate: float) -> list[float]:
        """Return the numbers that those functions want, while wanted changes carry this rate."""

    def entry_points(self, array: Crossbar) -> tuple[str, ...]:
        """Return which entry points of the array that learns are used."""
        return self.uses

    @property
    def alternates(self) -> bool:
        """Whether cycles of SET and of RESET take turns, an update each: one at an even number sends pulses up alone."""
        return False

    def turns(self, updates: int) -> int:
        """Return in how many turns, each of a raising and a lowering pulse where both are due, so many updates go out."""
        return (updates + 1) // 2 if self.alternates else updates

    def memory(self, weights: Weights) -> NDArray[np.float32]:
        """Return what is kept beside the weights as they are now, (kept, rows, columns) float32, in units of weight."""
        return np.zeros((self.kept, weights.rows, weights.columns) if self.kept else (1, 1, 1), np.float32)

    def aim(self, memory: NDArray[np.float32], values: NDArray[np.float32]) -> None:
        """Take note in memory of the weights (rows, columns) that were wanted before learning, whatever cells hold."""

    def fast(self, weights: Weights, index: int) -> Crossbar | None:
        """Return an array that takes the pulses in place of the weights; ``index`` is free for its random numbers."""
        return None

    def warning(self, weights: Weights, shown: int) -> str | None:
        """Return what keeps this scheme from training these weights, seen after ``shown`` examples; None if nothing does."""
        return None

    def require_steps(self, device: Device, encoding: Encoding) -> None:
        """Raise InputError unless pulses move a weight in both directions from the middle of its range."""
        span = encoding.w_max - encoding.w_min
        for way, step in zip(("an up", "a down"), mean_steps(device, encoding), strict=True):
            if not step > 1e-9 * span:
                raise InputError(
                    f"device {type(device).__name__}: {way} pulse does not move a weight in the middle of its range, so that "
                    f"{type(self).__name__} cannot train it; allowed is a device with steps both ways, or WriteVerify"
                )


def check_loops(scheme: Scheme, parts: Sequence[tuple[Device, Encoding]]) -> None:
    """Raise InputError if the closed loops of a scheme cannot write the parts of a weight, most significant first."""
    tuned = [part for part in parts if part is not parts[-1] or part[0].one_sided]  # by transfers; or pairs, anew
    loops = [(scheme.transfer.closed_loop, part) for part in tuned] if scheme.transfer is not None else []
    for loop, part in [*loops, (getattr(scheme, "loop", ClosedLoop()), parts[-1])]:
        loop.require(*part)


def check_numbers(scheme: Scheme, chip: Chip) -> None:
    """Raise InputError if a chip does to weights what cannot be done to numbers."""
    if not scheme.exact:
        return
    allowed = "or a scheme that writes cells, such as WriteVerify()"
    who = f"with {type(scheme).__name__} weights are numbers"
    if chip.wires is not None:
        raise InputError(f"chip.row_ohm: {who}, to which no wires lead; allowed are ideal wires, {allowed}")
    if chip.disturbances is not None:
        raise InputError(f"chip.read_disturb: {who}, which no read disturbs; allowed is None, {allowed}")
