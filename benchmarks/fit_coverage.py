"""Whether the errors of a fit are right: how often the truth lies within one and two of them, on simulated cells.

    python benchmarks/fit_coverage.py [--seeds 40] [--devices 1] [--faulty 0] [--law linear] [--noise both] [--json FILE]

Cells of twice 100 up and 100 down pulses (160 where there are several), scatter 40 % of a step, fitted with the law that made
them. Noise of readings is constant (100 nS), in proportion (3 %), both, Student's t with 3 degrees of freedom (100 nS),
constant with 2 % of the readings anything up to three times the range, or 1 % of the conductance and telegraph jumps of 10 %
(every 20 readings); which of them, the fit has to find. Of several devices half jump. Several devices
differ by 25 % in their steps, by 15 % in up against down and by 0.5 uS in their bounds; faulty ones are stuck, with noise,
and have to be set aside. Of right errors, 68 % of the numbers lie within one and 95 % within two; their rms is 1.
"""

from __future__ import annotations

import argparse
import itertools
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from fit_speed import READ_SD

from insitu.devices.base import Device, Spread
from insitu.devices.exponential import ExponentialStep
from insitu.devices.linear import LinearStep
from insitu.devices.response import response_samples
from insitu.measure import GRADUAL, Pulses, fit, pulses
from insitu.measure.answering import set_aside
from insitu.measure.straying import DEGREES, STRAYS, tidied
from insitu.measure.telegraph import FALL, JUMP, RISE

_RANGE = {"g_min": 1e-6, "g_max": 11e-6, "c2c_cv": 0.4}
DEVICES: dict[str, Device] = {
    "linear": LinearStep(**_RANGE, step_up=0.2e-6, step_down=0.25e-6, gamma_up=0.7, gamma_down=0.8),
    "exponential": ExponentialStep(**_RANGE, step_up=0.8e-6, step_down=0.6e-6, decay_up=3.0, decay_down=2.0),
}
SPREAD = Spread(step_cv=0.25, asymmetry_cv=0.15, range_sd=0.5e-6)
SD, CV = "read_noise.sd", "read_noise.cv"
#: numbers of the noise of readings
NOISES = {
    "constant": {SD: READ_SD},
    "in proportion": {CV: 0.03},
    "both": {SD: READ_SD, CV: 0.03},
    "Student t": {SD: READ_SD, DEGREES: 3.0},
    "strays": {SD: READ_SD, STRAYS: 0.02},
    "telegraph": {CV: 0.01, JUMP: 0.1, RISE: 0.05, FALL: 0.05},
}
KINDS = (SD, CV, DEGREES, STRAYS, JUMP, RISE, FALL)


def measured(device: Device, noise: dict[str, float], devices: int, faulty: int, seed: int) -> Pulses:
    """Return pulses of simulated cells, of which the last ``faulty`` are stuck."""
    long = 100 if devices == 1 else 160  # the slowest of them reach their bounds, which the numbers of a law refer to
    train = ([1] * long + [-1] * long) * 2
    g = response_samples(device, train, n=devices, seed=seed)
    rng = np.random.default_rng(seed + 1000)
    g[devices - faulty :] = rng.uniform(1e-6, 11e-6, (faulty, 1))
    draw = rng.standard_t(noise[DEGREES], size=g.shape) if DEGREES in noise else rng.normal(size=g.shape)
    y = g * jumping(g.shape, noise, rng) + (noise.get(SD, 0.0) + noise.get(CV, 0.0) * g) * draw
    wild = rng.random(g.shape) < noise.get(STRAYS, 0.0)
    y[wild] = rng.uniform(0, 33e-6, int(wild.sum()))
    index, names = np.tile(np.arange(len(train)), devices), np.repeat(np.arange(devices), len(train)).astype(str)
    return pulses(np.tile(train, devices), y[:, :-1].ravel(), y[:, 1:].ravel(), device=names, index=index)


def jumping(shape: tuple[int, ...], noise: dict[str, float], rng: np.random.Generator) -> np.ndarray:
    """Return the level of each reading, (devices, readings), 1 where there is no telegraph noise; every second device has."""
    if JUMP not in noise:
        return np.ones(shape)
    upper = np.empty(shape, bool)
    upper[:, 0] = rng.random(shape[0]) < 0.5
    for k in range(1, shape[1]):
        u = rng.random(shape[0])
        upper[:, k] = np.where(upper[:, k - 1], u >= noise[FALL], u < noise[RISE])
    jump = np.where(np.arange(shape[0]) % 2, 0.0, noise[JUMP])
    return 1 + (upper - 0.5) * jump[:, None]


def distances(name: str, noise: str, seeds: int, devices: int, faulty: int) -> tuple[dict[str, list[float]], int, int]:
    """Return (value - truth) / error of each number with an error, how often the kind of noise and the faults were found."""
    law = next(family for family in GRADUAL if family.name == name)
    device = DEVICES[name] if devices == 1 else replace(DEVICES[name], spread=SPREAD)
    found: dict[str, list[float]] = {}
    right, aside = 0, 0
    for seed in range(seeds):
        data = measured(device, NOISES[noise], devices, faulty, seed)
        answer, faults = set_aside(tidied(data))
        aside += {fault.name for fault in faults} == {str(k) for k in range(devices - faulty, devices)}
        one = fit(data.without([name for name in data.names if name not in answer.names]), law)
        right += {key for key in KINDS if key in one.estimates} == set(NOISES[noise])
        for key, number in one.estimates.items():
            whole, _, part = key.partition(".")
            own = getattr(device, whole) if whole != "tails" else None
            said = whole in ("read_noise", "tails", "telegraph")
            truth = NOISES[noise].get(key) if said else getattr(own, part) if part else own
            if number.error is not None and truth:
                found.setdefault(key, []).append((number.value - truth) / number.error)
    return found, right, aside


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--devices", type=int, default=1)
    parser.add_argument("--faulty", type=int, default=0, help="of the devices")
    parser.add_argument("--law", choices=[*DEVICES], action="append", help="may be repeated; all")
    parser.add_argument("--noise", choices=[*NOISES], action="append", help="may be repeated; all")
    parser.add_argument("--json", type=Path, help="write the numbers here too")
    given = parser.parse_args()
    table = {}
    for name, noise in itertools.product(given.law or DEVICES, given.noise or NOISES):
        off, right, aside = distances(name, noise, given.seeds, given.devices, given.faulty)
        z = np.concatenate([*map(np.array, off.values())])
        worst = max(off, key=lambda key: float(np.square(off[key]).mean()))
        table[f"{name}, {noise}"] = row = {
            "numbers": z.size,
            "within_one": float((abs(z) < 1).mean()),
            "within_two": float((abs(z) < 2).mean()),
            "rms": float(np.sqrt((z * z).mean())),
            "mean": float(z.mean()),
            "kind_found": right / given.seeds,
            "faults_found": aside / given.seeds,
            "mean_of": {key: float(np.mean(one)) for key, one in off.items()},
            "rms_of": {key: float(np.sqrt(np.square(one).mean())) for key, one in off.items()},
        }
        faults = f"; faults found {aside} of {given.seeds} times" if given.faulty or aside < given.seeds else ""
        print(
            f"{name}, noise {noise}: {z.size} numbers, {100 * row['within_one']:.0f} % within one error, "
            f"{100 * row['within_two']:.0f} % within two, mean {row['mean']:.2f}, root mean square {row['rms']:.2f} (most of "
            f"{worst}); "
            f"kind of noise found {right} of {given.seeds} times{faults}",
            flush=True,
        )
        if given.json:
            given.json.write_text(json.dumps(table, indent=2))


if __name__ == "__main__":
    main()
