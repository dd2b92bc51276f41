"""A weight of several conductances of varying significance: W = F (G+ - G-) + (g+ - g-), and any longer sum."""

from __future__ import annotations

from dataclasses import dataclass, field

from insitu.cells.pair import DifferentialPair, OneSidedPair
from insitu.devices.base import Device
from insitu.errors import InputError, require_between


@dataclass(frozen=True, kw_only=True)
class Significance:
    """One part of a weight: a device, how two of them make a difference, and with which gain it counts.

    Parameters
    ----------
    device : of this part.
    gain : F, how much a siemens here counts against a siemens of the least significant part.
    pair : DifferentialPair (pulsed push-pull), OneSidedPair (devices that only rise gradually) or ReferencedDevice (one
        device against a reference that its column shares); None is OneSidedPair for a one-sided device, else
        DifferentialPair.
    """

    device: Device
    gain: float = 1.0
    pair: type[DifferentialPair] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.device, Device):
            raise InputError(
                f"device: got {self.device!r}; allowed is a Device, such as devices.library.load(n).device"
            )
        require_between("gain", self.gain, 1e-6, 1e6, optional=False)
        if self.pair is not None and not (isinstance(self.pair, type) and issubclass(self.pair, DifferentialPair)):
            raise InputError(f"pair: got {self.pair!r}; allowed is DifferentialPair, OneSidedPair or ReferencedDevice")

    def encoding(self, unit: float) -> DifferentialPair:
        """Return the encoding of this part if a weight of 1 is ``unit`` siemens of the least significant part."""
        pair = self.pair or (OneSidedPair if self.device.one_sided else DifferentialPair)
        span = self.gain * (self.device.g_max - self.device.g_min) / unit
        return pair(w_max=span * pair.reach)


@dataclass(frozen=True, kw_only=True)
class MultiConductance:
    """The parts of a weight, most significant first; pulses of training go to the last, transfer carries them up.

    Parameters
    ----------
    parts : one or more :class:`Significance`. One part is a plain pair.
    unit : siemens of the least significant part that make a weight of 1.

    References
    ----------
    S. Ambrogio et al., Nature 558, 60 (2018); G. Cristiano et al., J. Appl. Phys. 124, 151901 (2018): two parts, phase
    change cells above capacitor cells. More than two: multi-tile arrays, arXiv 2510.02516.
    """

    parts: tuple[Significance, ...] = field(default=())
    unit: float = 25e-6

    def __post_init__(self) -> None:
        if not self.parts or not all(isinstance(part, Significance) for part in self.parts):
            raise InputError("parts: allowed is a tuple of one or more Significance(device=..., gain=...)")
        require_between("unit", self.unit, 1e-12, 1, unit="S", optional=False)

    @property
    def encodings(self) -> tuple[DifferentialPair, ...]:
        """The encoding of each part, in units of weight."""
        return tuple(part.encoding(self.unit) for part in self.parts)
