"""Whether the errors of retention, endurance and noise are right: how often the truth lies within one and two of them.

    python benchmarks/reliability_coverage.py [--seeds 40] [--json reliability.json]

Made-up measurements of 12 cells (endurance: 20) of benchmarks/cells_at_rest.py. Of right errors, 68 % of the numbers lie
within one and 95 % within two.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from cells_at_rest import drifting, leaking, resting, wearing

from insitu.measure.reading.series import Series
from insitu.measure.reliability.endurance import fit_endurance
from insitu.measure.reliability.finding import Finding
from insitu.measure.reliability.noise import fit_noise
from insitu.measure.reliability.retention import fit_retention
from insitu.measure.reliability.traces import traces_of


def _kept(series: Series) -> Finding:
    return fit_retention(traces_of(series))


def _noise(series: Series) -> Finding:
    return fit_noise(traces_of(series))


_DRIFT = {"retention.nu": 0.05, "retention.nu_sd": 0.015}
_LEAK = {"retention.tau": 100.0, "retention.tau_cv": 0.3, "retention.rest": 1e-6}
_WEAR = {"endurance.writes": 2e5, "endurance.writes_cv": float(np.sqrt(np.expm1(0.36)))}
Case = tuple[Callable[[int], Series], Callable[[Series], Finding], Mapping[str, float]]
#: what is measured -> how it is made, how it is fitted, and the truth
CASES: dict[str, Case] = {
    "drift": (drifting, _kept, _DRIFT),
    "drift from t0 on": (lambda seed: drifting(seed, t0=20.0), _kept, _DRIFT | {"retention.t0": 20.0}),
    "leak": (leaking, _kept, _LEAK),
    "leak at three temperatures": (
        lambda seed: leaking(seed, temperatures=(350.0, 380.0, 410.0)), _kept, _LEAK | {"activation_energy": 0.6},
    ),
    "endurance, all fail": (wearing, fit_endurance, _WEAR),
    "endurance, half fail": (lambda seed: wearing(seed, last=1e5), fit_endurance, _WEAR),
    "noise": (resting, _noise, {"read_noise.cv": 0.01, "read_noise.sd": 3e-8, "telegraph.jump": 0.08}),
}  # fmt: skip


def distances(name: str, seeds: int) -> dict[str, list[float]]:
    """Return (value - truth) / error of every number, as far as it was found with an error."""
    make, fit, truth = CASES[name]
    found: dict[str, list[float]] = {key: [] for key in truth}
    for seed in range(seeds):
        estimates = fit(make(seed)).estimates
        for key, right in truth.items():
            one = estimates.get(key)
            if one is not None and one.error:
                found[key].append((one.value - right) / one.error)
    return found


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--json", type=Path, help="write the numbers here too")
    given = parser.parse_args()
    table = {}
    for name in CASES:
        for key, off in distances(name, given.seeds).items():
            z = np.array(off)
            row = {
                "found": z.size,
                "within_1": float(np.mean(np.abs(z) < 1)),
                "within_2": float(np.mean(np.abs(z) < 2)),
            }
            row |= {"bias": float(z.mean()), "rms": float(np.sqrt(np.mean(z**2)))}
            table[f"{name}, {key}"] = row
            print(
                f"{name:28} {key:20} {z.size:3} of {given.seeds}, {row['within_1']:4.0%} within one, "
                f"{row['within_2']:4.0%} within two, bias {row['bias']:+.2f}, rms {row['rms']:.2f}", flush=True,
            )  # fmt: skip
    if given.json:
        given.json.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
