"""Speed of fits to measured pulses, and of the filter that they call.

    python benchmarks/fit_speed.py [--quick] [--json speed.json]

The filter: nanoseconds a pulse, of one law by itself and of sixteen at once. Fits: seconds for one law
and 2,000 pulses of one device, and for twelve devices of 400 pulses, kernels compiled before. The best of three is given.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from machine import best, load, peak_megabytes, say_if_busy

from insitu.devices.base import Device, Spread
from insitu.devices.compiled import flat_parameters
from insitu.devices.exponential import ExponentialStep
from insitu.devices.response import response_samples
from insitu.measure import GRADUAL, Pulses, fit, pulses
from insitu.measure.likelihood import Likelihood

READ_SD = 1e-7  #: noise of a reading, S
DEVICE = ExponentialStep(
    g_min=1e-6,
    g_max=11e-6,
    step_up=0.6e-6,
    step_down=0.5e-6,
    decay_up=3.0,
    decay_down=2.0,
    c2c_cv=0.4,
    spread=Spread(step_cv=0.25, asymmetry_cv=0.15, range_sd=0.5e-6),
)
LAW = next(family for family in GRADUAL if family.name == "exponential")


def measured(
    device: Device, devices: int, cycles: int, seed: int = 4, read_sd: float = READ_SD, read_cv: float = 0.0
) -> Pulses:
    """Return pulses of simulated cells of a device, 100 up and 100 down a cycle, with noise of readings."""
    train = ([1] * 100 + [-1] * 100) * cycles
    g = response_samples(device, train, n=devices, seed=seed)
    y = g + (read_sd + read_cv * g) * np.random.default_rng(seed + 1000).normal(size=g.shape)
    index, names = np.tile(np.arange(len(train)), devices), np.repeat(np.arange(devices), len(train)).astype(str)
    return pulses(np.tile(train, devices), y[:, :-1].ravel(), y[:, 1:].ravel(), device=names, index=index)


def filter_ns(repeats: int, lanes: int) -> float:
    """Return the time of the filter, ns a pulse and law, over 2,000 pulses, of so many laws at once."""
    found = measured(DEVICE, 1, 10)
    law = np.array(flat_parameters(DEVICE))
    laws, cells, noises = (
        np.repeat(one[..., None], lanes, -1) for one in (law, law[:4, None], np.array([0.0, READ_SD]))
    )
    score = Likelihood(found).of(DEVICE)
    score(laws, cells, noises)
    return 1e9 * best(lambda: [score(laws, cells, noises) for _ in range(repeats)]) / repeats / lanes / found.of.size


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the pulses, to see that it works")
    parser.add_argument("--json", type=Path, help="write the numbers here too")
    given = parser.parse_args()
    busy = load()
    one, many = (
        (measured(DEVICE, 1, 1), measured(DEVICE, 3, 1))
        if given.quick
        else (measured(DEVICE, 1, 10), measured(DEVICE, 12, 2))
    )
    fit(measured(DEVICE, 1, 1), LAW)  # compiles
    alone, together = (filter_ns(20 if given.quick else 200, lanes) for lanes in (1, 16))
    numbers = {
        "filter_ns_per_pulse": alone,
        "filter_ns_per_pulse_of_sixteen": together,
        "ratio": alone / together,
        "one_device_pulses": one.of.size,
        "one_device_seconds": best(lambda: fit(one, LAW)),
        "devices": len(many.names),
        "devices_pulses": many.of.size,
        "devices_seconds": best(lambda: fit(many, LAW)),
        "peak_megabytes": peak_megabytes(),
    }
    print(f"filter: {alone:.0f} ns a pulse by itself; of sixteen laws at once {together:.0f} ns each")
    print(f"one law, one device, {one.of.size:,} pulses: {numbers['one_device_seconds']:.2f} s")
    print(f"one law, {len(many.names)} devices, {many.of.size:,} pulses in all: {numbers['devices_seconds']:.2f} s")
    print(f"peak memory {numbers['peak_megabytes']:.0f} MB")
    say_if_busy(busy)
    if given.json:
        given.json.write_text(json.dumps(numbers, indent=2))


if __name__ == "__main__":
    main()
