"""The page of the devices has every set, with the numbers that the set has."""

from collections import Counter
from pathlib import Path

import pytest

from insitu.devices.library import load, names
from insitu.devices.response import pulses_to_cross, step_statistics, symmetry_point
from insitu.units import si

PAGE = Path(__file__).parents[3] / "docs/devices.md"


def row(name):
    """The row of the table, as its columns are explained on the page."""
    found = load(name)
    device = found.device
    reach, middle = device.g_max - device.g_min, (device.g_min + device.g_max) / 2
    up, down = (pulses_to_cross(device, polarity, limit=20_000) for polarity in (1, -1))
    pulses = f"{up} / {'RESET' if device.one_sided else down}"
    balance = None if device.one_sided else symmetry_point(device)
    mean, sd = step_statistics(device, 1, [device.g_min if device.one_sided else middle])
    spread = {key.removesuffix("_cv"): value for key, value in vars(device.spread).items() if value and "_cv" in key}
    for key, field in (("range", "range_sd"), ("lower bound", "low_sd")):
        if wide := getattr(device.spread, field):
            spread[key] = wide / reach
    cells = [
        f"`{name}`",
        type(device).__name__,
        f"{si(device.g_min, 'S')} to {si(device.g_max, 'S')}",
        pulses,
        "-" if balance is None else f"{(balance - device.g_min) / reach:.2f}",
        f"{sd[0] / mean[0]:.2g}" if sd[0] > 0 else "-",
        ", ".join(f"{key} {100 * value:.2g} %" for key, value in spread.items()) or "-",
        ", ".join(f"{n} {tag}" for tag, n in sorted(Counter(v.tag for v in found.provenance.values()).items())),
    ]
    return "| " + " | ".join(cells) + " |"


@pytest.mark.parametrize("name", names())
def test_the_page_has_the_row_of(name):
    assert row(name) in PAGE.read_text(encoding="utf-8")
