"""Which arrays make the weights of a layer."""

from __future__ import annotations

from insitu.cells.encoding import Encoding
from insitu.cells.multiple import MultiConductance
from insitu.cells.pair import DifferentialPair, OneSidedPair
from insitu.devices.base import Device
from insitu.errors import InputError, given


def default_encoding(device: Device) -> Encoding:
    """Return a pair of weights -1 to 1, of the kind that the device can be."""
    return OneSidedPair() if device.one_sided else DifferentialPair()


def levels_of(encoding: Encoding | MultiConductance, device: Device) -> tuple[tuple[Device, Encoding], ...]:
    """Return device and encoding of each array that makes the weights, most significant first."""
    check_encoding(encoding)
    return encoding.levels(device) if isinstance(encoding, MultiConductance) else ((device, encoding),)


def check_encoding(encoding: object) -> None:
    """Raise InputError unless this is an encoding."""
    wanted = ("planes", "w_min", "w_max", "map", "encode", "digital")
    several = isinstance(encoding, MultiConductance)
    if isinstance(encoding, type) or not (several or all(hasattr(encoding, name) for name in wanted)):
        raise InputError(f"encoding: got {given(encoding)}; allowed is an encoding, such as DifferentialPair()")
