"""By how much a pulse moves a weight: the one place where it is computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from insitu.cells.encoding import Encoding
from insitu.devices.base import Device, parameters
from insitu.devices.response import mean_change


def mean_steps(device: Device, encoding: Encoding) -> tuple[float, float]:
    """Return the mean change of a weight by one pulse up and by one pulse down, both positive, in units of weight.

    Of the nominal device, from where the encoding places the middle of the range of weights. A pair of one-sided devices is
    moved either way by a pulse up, on one or the other of them; a code of bits by its least significant bit.
    """
    if encoding.digital:
        bit = (encoding.w_max - encoding.w_min) / (2**encoding.planes - 1)
        return bit, bit
    p: Any = parameters(device)
    gains, signs, _ = encoding.map(device)
    at = encoding.encode(np.array([(encoding.w_min + encoding.w_max) / 2]), device)[:, 0]
    up = down = 0.0
    for gain, sign, g in zip(gains.tolist(), signs.tolist(), at.tolist(), strict=True):
        for way in (1, -1):
            polarity = int(sign) * way
            if polarity == 0 or (device.one_sided and polarity < 0):
                continue
            after = min(max(p.g_min, g + mean_change(device, p, g, polarity)), p.g_max)
            moved = abs(gain * (after - g))
            up, down = (up + moved, down) if way > 0 else (up, down + moved)
    return up, down
