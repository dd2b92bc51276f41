"""Blind pulses: rows and columns fire, and where they meet a device takes a pulse; nobody looks what it did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from insitu.cells import Encoding
from insitu.devices.base import Device
from insitu.errors import InputError, require_between, require_whole
from insitu.kernels.cache import load
from insitu.schemes.base import Form, Kernels, Scheme

if TYPE_CHECKING:
    from insitu.schemes.weights import Weights


@dataclass(frozen=True, kw_only=True)
class StochasticTrains:
    """Rows and columns fire at random, in proportion to their signals; a device moves where both fire.

    Parameters
    ----------
    slots : most slots of a train; fewer are used where fewer do.

    References
    ----------
    T. Gokmen and Y. Vlasov, Front. Neurosci. 10, 333 (2016); T. Gokmen, M. Onen, W. Haensch, Front. Neurosci. 11, 538 (2017).
    """

    slots: int = 31
    kernel: ClassVar[str] = "stochastic"

    def __post_init__(self) -> None:
        require_whole("trains.slots", self.slots, 1, 63)

    def numbers(self, step: float, *, shrink: bool = False) -> list[float]:
        """Return what the kernel wants, if one pulse changes a weight by ``step``.

        Where more is wanted than fits into the slots, the largest columns are cut off, which keeps the size of the others, or
        with ``shrink`` the whole change shrinks, which keeps its direction.
        """
        return [step, float(self.slots), float(shrink)]


@dataclass(frozen=True, kw_only=True)
class DeterministicTrains:
    """Rows and columns fire a rounded number of times; every firing of the one meets every firing of the other.

    Parameters
    ----------
    x_levels : firings of a row at signal ``full``. Few are better: the more a row fires, the larger an error has to be
        for a column to fire at all.
    delta_levels : most firings of a column.
    """

    x_levels: int = 2
    delta_levels: int = 16
    full: float = 1.0
    kernel: ClassVar[str] = "deterministic"

    def __post_init__(self) -> None:
        require_whole("trains.x_levels", self.x_levels, 1, 1000)
        require_whole("trains.delta_levels", self.delta_levels, 1, 1000)
        require_between("trains.full", self.full, 1e-9, 1e9, optional=False)

    def numbers(self, step: float, *, shrink: bool = False) -> list[float]:
        """Return what the kernel wants, if one pulse changes a weight by ``step``.

        Where more is wanted than a line may fire, the line is cut off, or with ``shrink`` all rows, or all columns, shrink.
        """
        return [step, float(self.x_levels), self.full, float(self.delta_levels), float(shrink)]


Trains = StochasticTrains | DeterministicTrains


def check_trains(name: str, trains: Trains) -> None:
    """Raise InputError unless these are trains."""
    if not isinstance(trains, StochasticTrains | DeterministicTrains):
        raise InputError(f"{name}: got {trains!r}; allowed is StochasticTrains(...) or DeterministicTrains(...)")


@dataclass(frozen=True, kw_only=True)
class BlindPulses(Scheme):
    """Open-loop tuning (OLT): pulses that are formed in the array change the weights themselves, right on average.

    Factors become trains of pulses on rows and columns; at a spike of its neuron, every live weight of a column gets one
    pulse, or with a probability where the rule asks for less than a step. A dense change cannot be formed in an array.
    With several significances and a transfer now and then this is the scheme of the 2018 papers; with one it is plain
    analogue gradient descent, for one-sided devices with an occasional refresh of pairs.

    Parameters
    ----------
    trains : how factors become pulses.

    References
    ----------
    S. Ambrogio et al., Nature 558, 60 (2018); G. Cristiano et al., J. Appl. Phys. 124, 151901 (2018). One pair: G. W. Burr et
    al., IEEE Trans. Electron Devices 62, 3498 (2015). One pulse a synapse: Y. Shi et al., Nat. Commun. 9, 5312 (2018).
    """

    trains: Trains = field(default_factory=StochasticTrains)
    takes: ClassVar[tuple[Form, ...]] = ("factors", "column")
    uses: ClassVar[tuple[str, ...]] = ("program", "overlap")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_trains("trains", self.trains)

    def require(self, device: Device, encoding: Encoding, form: Form) -> None:
        """Refuse devices that do not move both ways, and codes of bits."""
        self.require_steps(device, encoding)
        if encoding.digital and form == "factors":
            raise InputError(
                "scheme: BlindPulses moves each device where a row and a column fire, which is no step of a code of bits; "
                "allowed with BitSlices are MixedPrecision, ErrorAware, SignPulses and WriteVerify"
            )

    def kernels(self, weights: Weights) -> Kernels:
        """Return the compiled functions."""
        outer = load("outer", "blind pulses")
        column = outer.column_of_bits if weights.array.encoding.digital else outer.column
        return Kernels(getattr(outer, self.trains.kernel), column, None)

    def numbers(self, weights: Weights, rate: float) -> list[float]:
        """Return the step of a pulse and the numbers of the trains."""
        return self.trains.numbers(weights.step)
