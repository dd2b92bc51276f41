"""How misfits look in the figure of a fit: four cells that no law, or not the law that was chosen, can follow.

    python benchmarks/fit_misfits.py [--out misfits]

Writes a picture for each, and prints what the fit says of it. One cell each, 4 x 100 up and 100 down pulses, noise of
readings 50 nS, seed 0.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import insitu
from insitu.devices.base import parameters
from insitu.devices.exponential import ExponentialStep
from insitu.devices.linear import LinearStep
from insitu.fits.fitted import Fitted
from insitu.measure import pulses
from insitu.reports.fit_figures import fit_figure

LONG, TRAINS, SD = 100, 8, 50e-9
_RANGE = {"g_min": 1e-6, "g_max": 11e-6, "c2c_cv": 0.3}
STEEP = ExponentialStep(**_RANGE, step_up=0.8e-6, step_down=0.6e-6, decay_up=4.0, decay_down=3.0)
GENTLE = LinearStep(**_RANGE, step_up=0.2e-6, step_down=0.2e-6, gamma_up=0.8, gamma_down=0.8)


def walked(kind: str, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the train and the conductance after each pulse, S, of a cell with a habit of its own."""
    device = STEEP if kind == "too-simple" else GENTLE
    p, g, found = parameters(device), device.g_min, [device.g_min]
    train = np.tile(np.repeat([1, -1], LONG), TRAINS // 2)
    for k, polarity in enumerate(train.tolist()):
        place, before = k % LONG, g
        g = device.step(g, polarity, p, float(rng.normal()))
        if kind == "falls-again" and place > 60:
            g = before - 0.6 * (g - before)
        elif kind == "remembers" and k >= LONG and place < 12:
            g = before + (g - before) * place / 12
        elif kind == "jumps" and rng.random() < 0.02:
            g = before + 8 * (g - before)
        g = min(max(g, device.g_min), device.g_max)
        found.append(g)
    return train, np.array(found)


_TWO = ("linear", "exponential")
#: kind -> laws that are tried
KINDS = {"too-simple": ("constant", "soft-bounds"), "falls-again": _TWO, "remembers": _TWO, "jumps": _TWO}


def fitted(kind: str) -> Fitted:
    """Return the fit to a cell of this kind."""
    rng = np.random.default_rng(0)
    train, g = walked(kind, rng)
    y = g + SD * rng.normal(size=g.size)
    return insitu.fit(pulses(train, y[:-1], y[1:]), law=KINDS[kind], name=kind, quiet=True)


def main() -> None:
    """Fit, draw and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("misfits"), help="folder of the pictures")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        found = fitted(kind)
        fit_figure(found.candidates, found.pulses).savefig(picture := out / f"fit-{kind}.png", dpi=64)
        with Image.open(picture) as drawn:
            drawn.convert("RGB").quantize(32).save(picture, optimize=True)
        print(f"{kind}: {' '.join(found.sentences)}", flush=True)


if __name__ == "__main__":
    main()
