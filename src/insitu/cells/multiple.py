"""A weight of several conductances of varying significance: W = F (G+ - G-) + (g+ - g-), and any longer sum."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from insitu.cells.pair import DifferentialPair, OneSidedPair
from insitu.devices.base import Device
from insitu.errors import InputError, require_between


@dataclass(frozen=True, kw_only=True)
class Significance:
    """One part of a weight: a device, how two of them make a difference, and with which gain it counts.

    Parameters
    ----------
    device : of this part; None is the device of the network.
    gain : F, how much the range of a device here counts against the range of one of the least significant part. Where both
        have the same range, as in the cell of the papers, it is how much a siemens here counts against a siemens there.
    pair : DifferentialPair (pulsed push-pull), OneSidedPair (devices that only rise gradually) or ReferencedDevice (one
        device against a reference that its column shares); None is OneSidedPair for a one-sided device, else
        DifferentialPair.
    """

    device: Device | None = None
    gain: float = 1.0
    pair: type[DifferentialPair] | None = None

    def __post_init__(self) -> None:
        if self.device is not None and not isinstance(self.device, Device):
            raise InputError(
                f"device: got {self.device!r}; allowed is a Device, such as devices.library.load(n).device"
            )
        require_between("gain", self.gain, 1e-6, 1e6, optional=False)
        if self.pair is not None and not (isinstance(self.pair, type) and issubclass(self.pair, DifferentialPair)):
            raise InputError(f"pair: got {self.pair!r}; allowed is DifferentialPair, OneSidedPair or ReferencedDevice")

    def encoding(self, device: Device, unit: float) -> DifferentialPair:
        """Return the encoding of this part, of this device, if a weight of 1 is ``unit`` ranges of the least significant
        part."""
        pair = self.pair or (OneSidedPair if device.one_sided else DifferentialPair)
        return pair(w_max=self.gain / unit * pair.reach)


@dataclass(frozen=True, kw_only=True)
class MultiConductance:
    """The parts of a weight, most significant first; pulses of training go to the last, transfer carries them up.

    Parameters
    ----------
    parts : one or more :class:`Significance`. One part is a plain pair.
    unit : a weight of 1 in ranges (g_max - g_min) of a device of the least significant part.

    References
    ----------
    S. Ambrogio et al., Nature 558, 60 (2018); G. Cristiano et al., J. Appl. Phys. 124, 151901 (2018): two parts, phase
    change cells above capacitor cells. More than two: multi-tile arrays, arXiv 2510.02516.
    """

    parts: tuple[Significance, ...] = field(default=())
    unit: float = 3.0
    digital: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if not self.parts or not all(isinstance(part, Significance) for part in self.parts):
            raise InputError("parts: allowed is a tuple of one or more Significance(device=..., gain=...)")
        require_between(
            "unit", self.unit, 1e-6, 1e6, optional=False, hint="It is in ranges of a device, 3 is 60 uS of 20 uS"
        )

    def levels(self, device: Device) -> tuple[tuple[Device, DifferentialPair], ...]:
        """Return device and encoding of each part; ``device`` is that of parts which name none."""
        devices = [part.device or device for part in self.parts]
        return tuple((own, part.encoding(own, self.unit)) for own, part in zip(devices, self.parts, strict=True))
