"""Whether the errors of a fit are right: how often the truth lies within one and two of them, on simulated cells.

    python benchmarks/fit_coverage.py [--seeds 40] [--json coverage.json]

One cell, twice 100 up and 100 down pulses, scatter 40 % of a step, noise of readings 100 nS, fitted with the law that made
it. Of right errors, 68 % of the numbers lie within one and 95 % within two, and the root mean square is 1.
"""

from __future__ import annotations

import argparse
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


def distances(name: str, seeds: int) -> list[float]:
    """Return (value - truth) / error of every fitted number that has an error, over all seeds."""
    law, device, found = next(family for family in GRADUAL if family.name == name), DEVICES[name], []
    for seed in range(seeds):
        for key, one in fit(measured(device, 1, 2, seed), law).estimates.items():
            truth = READ_SD if key == "read_noise.sd" else getattr(device, key)
            if one.error is not None:
                found.append((one.value - truth) / one.error)
    return found


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--json", type=Path, help="write the numbers here too")
    given = parser.parse_args()
    table = {}
    for name in DEVICES:
        z = np.array(distances(name, given.seeds))
        table[name] = {
            "numbers": z.size,
            "within_one": float((abs(z) < 1).mean()),
            "within_two": float((abs(z) < 2).mean()),
            "rms": float(np.sqrt((z * z).mean())),
        }
        row = table[name]
        print(
            f"{name}: {z.size} numbers, {100 * row['within_one']:.0f} % within one error, {100 * row['within_two']:.0f} % "
            f"within two, root mean square {row['rms']:.2f}"
        )
    if given.json:
        given.json.write_text(json.dumps(table, indent=2))


if __name__ == "__main__":
    main()
