"""Whether a device can be what an encoding asks of it."""

from __future__ import annotations

import numpy as np

from insitu.cells.encoding import Encoding
from insitu.cells.pair import OneSidedPair
from insitu.devices.base import Device, parameters
from insitu.devices.response import mean_change, pulse
from insitu.errors import InputError

_SWITCHES = 0.9  # of its range: what one pulse has to move a cell by that holds a bit


def check_fit(device: Device, encoding: Encoding) -> None:
    """Raise InputError if an encoding asks of a device what it cannot do, with what would fit."""
    name = type(device).__name__
    if encoding.digital and not _switches(device):
        raise InputError(
            f"encoding: a cell of bit slices is switched from end to end by one pulse, and a pulse moves {name} by less; "
            "allowed is a binary device, such as shi2018-cbram-binary, or another encoding, such as a pair"
        )
    if device.one_sided and not isinstance(encoding, OneSidedPair):
        raise InputError(
            f"encoding: {name} only rises gradually, so that {type(encoding).__name__} cannot be lowered gradually; "
            "allowed is OneSidedPair"
        )
    if device.one_sided and not _resets(device):
        raise InputError(
            f"encoding: a RESET leaves {name} more than half of its range, and a pair of cells that only rise has to be "
            "RESET before they are full; allowed is a device whose step(g, -1, ...) leads near to g_min"
        )


def _resets(device: Device) -> bool:
    return mean_change(device, parameters(device), device.g_max, -1) < -0.5 * (device.g_max - device.g_min)


def _switches(device: Device) -> bool:
    p, span = parameters(device), device.g_max - device.g_min
    draws = np.linspace(0.01, 0.99, 33).tolist() if device.draw == "uniform" else [0.0]
    up = max(pulse(device, p, device.g_min, 1, z) for z in draws) - device.g_min
    down = device.g_max - min(pulse(device, p, device.g_max, -1, z) for z in draws)
    return min(up, down) >= _SWITCHES * span
