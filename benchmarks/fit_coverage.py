"""Whether the errors of a fit are right: how often the truth lies within one and two of them, on simulated cells.

    python benchmarks/fit_coverage.py [--seeds 40] [--json coverage.json]

One cell, twice 100 up and 100 down pulses, scatter 40 % of a step, fitted with the law that made it. Noise of readings is
constant (100 nS), in proportion (3 %), or both; which of them, the fit has to find. Of right errors, 68 % of the numbers
lie within one and 95 % within two, and the root mean square is 1.
"""

from __future__ import annotations

import argparse
import itertools
import json
from pathlib import Path

import numpy as np
from fit_speed import READ_SD, measured

from insitu.devices.base import Device
from insitu.devices.exponential import ExponentialStep
from insitu.devices.linear import LinearStep
from insitu.measure import GRADUAL, fit

_RANGE = {"g_min": 1e-6, "g_max": 11e-6, "c2c_cv": 0.4}
DEVICES: dict[str, Device] = {
    "linear": LinearStep(**_RANGE, step_up=0.2e-6, step_down=0.25e-6, gamma_up=0.7, gamma_down=0.8),
    "exponential": ExponentialStep(**_RANGE, step_up=0.8e-6, step_down=0.6e-6, decay_up=3.0, decay_down=2.0),
}


#: noise of readings, constant, S, and in proportion to the conductance
NOISES = {"constant": (READ_SD, 0.0), "in proportion": (0.0, 0.03), "both": (READ_SD, 0.03)}


def distances(name: str, noise: str, seeds: int) -> tuple[list[float], int]:
    """Return (value - truth) / error of every fitted number that has an error, and how often the kind of noise was found."""
    law, device, found, right = next(family for family in GRADUAL if family.name == name), DEVICES[name], [], 0
    read = dict(zip(("read_noise.sd", "read_noise.cv"), NOISES[noise], strict=True))
    for seed in range(seeds):
        one = fit(measured(device, 1, 2, seed, *NOISES[noise]), law)
        right += {key for key in read if key in one.estimates} == {key for key, value in read.items() if value}
        for key, number in one.estimates.items():
            truth = read[key] if key in read else getattr(device, key)
            if number.error is not None and truth:
                found.append((number.value - truth) / number.error)
    return found, right


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--json", type=Path, help="write the numbers here too")
    given = parser.parse_args()
    table = {}
    for name, noise in itertools.product(DEVICES, NOISES):
        off, right = distances(name, noise, given.seeds)
        z = np.array(off)
        table[f"{name}, {noise}"] = row = {
            "numbers": z.size,
            "within_one": float((abs(z) < 1).mean()),
            "within_two": float((abs(z) < 2).mean()),
            "rms": float(np.sqrt((z * z).mean())),
            "kind_found": right / given.seeds,
        }
        print(
            f"{name}, noise {noise}: {z.size} numbers, {100 * row['within_one']:.0f} % within one error, "
            f"{100 * row['within_two']:.0f} % within two, root mean square {row['rms']:.2f}; "
            f"kind of noise found {right} of {given.seeds} times",
            flush=True,
        )
    if given.json:
        given.json.write_text(json.dumps(table, indent=2))


if __name__ == "__main__":
    main()
