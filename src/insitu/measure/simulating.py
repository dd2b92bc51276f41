"""A measurement that never was: the pulses of a simulated device as the file that a laboratory would write."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from insitu.devices.base import Device
from insitu.devices.response import pulses_to_cross, response_samples
from insitu.errors import InputError, require_whole
from insitu.measure.pulses import LEAST
from insitu.runs.writing import atomic_write

CELLS = 4  #: that are measured
NOISE = 0.005  #: standard deviation of a reading, as a part of the range
_SHORT, _LONG = 100, 500  #: pulses of a direction up to which there are two ramps either way, and the most
_HEAD = "device_id,pulse_index,polarity,g_before_S,g_after_S"


def write_measurement(device: Device, path: str | Path, *, name: str = "", seed: int = 0) -> int:
    """Write pulses of some cells of a device as a CSV, one row a pulse, for :func:`insitu.fit` to try; return how many.

    Each cell, with its own spread (d2d) and the noise of its pulses (c2c), is raised over its range and lowered again, one of
    one direction is raised only; every reading has normal noise of ``NOISE`` of the range. Faults, drift and the device's own
    noise of reads are left out.

    Parameters
    ----------
    device : any device. path : of the new file. name : of the device, for the first line of the file.
    seed : of all random numbers.

    Raises
    ------
    InputError : the file is there already. RunError : it cannot be written.

    Examples
    --------
    >>> import insitu, tempfile
    >>> file = Path(tempfile.mkdtemp()) / "pulses.csv"
    >>> write_measurement(insitu.load("park2013-pcmo"), file)
    464
    """
    require_whole("seed", seed, 0)
    path = Path(path)
    if path.exists():
        raise InputError(f"{path}: is there already, and might be a measurement of yours; give another name")
    train = _train(device)
    g = response_samples(device, train, CELLS, seed)
    read = g + NOISE * (device.g_max - device.g_min) * np.random.default_rng(seed).standard_normal(g.shape)  # S
    rows = [
        f"cell{cell},{n},{polarity:+d},{one[n]:.6g},{one[n + 1]:.6g}"
        for cell, one in enumerate(read, 1)
        for n, polarity in enumerate(train)
    ]
    said = f"simulated by insitu and not measured: {name or type(device).__name__}; seed {seed}"
    atomic_write(path, "\n".join([f"# {said}", _HEAD, *rows]) + "\n", way="choose another folder")
    return len(rows)


def _train(device: Device) -> list[int]:
    up, down = (
        0 if device.one_sided and way < 0 else max(LEAST, pulses_to_cross(device, way, 0.95, _LONG)) for way in (1, -1)
    )
    twice = bool(down) and max(up, down) <= _SHORT
    return ([1] * up + [-1] * down) * (2 if twice else 1)
