"""Residual learning over several arrays of one coarse device, beside schemes that pay with digital memory.

    python examples/residual_tiles.py --data digits [--seeds 5] [--quick]

Soft bounds with so many steps from end to end, 30 % of c2c scatter, steps that differ by 20 % from cell to cell, and as much
up and down. Scored on a fifth of the training images, held back.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from common import begin

from insitu import BlindPulses, CrossbarClassifier, MixedPrecision, MultiConductance, Significance, TikiTaka
from insitu.devices.imperfections import Spread
from insitu.devices.softbounds import SoftBounds
from insitu.schemes import ResidualTransfer

SPAN = 4e-6  #: S
RATES = (0.01, 0.03)  #: of which the better one is shown


def device(states: int) -> SoftBounds:
    """Return a device that takes about so many pulses from end to end."""
    step = 2 * SPAN / states  # at either bound; it is half of that in the middle
    spread = Spread(step_cv=0.2, asymmetry_cv=0.2, range_sd=0.1 * SPAN)
    return SoftBounds(g_min=1e-6, g_max=1e-6 + SPAN, step_up=step, step_down=step, c2c_cv=0.3, spread=spread)


def tiles(count: int, gain: float) -> dict[str, Any]:
    """Return the options of so many arrays, each ``gain`` times as significant as the next; a weight of 1 is their reach."""
    gains = [gain**n for n in reversed(range(count))]
    parts = MultiConductance(parts=tuple(Significance(gain=one) for one in gains), unit=sum(gains))
    return {"encoding": parts, "scheme": BlindPulses(transfer=ResidualTransfer())}


WAYS: dict[str, dict[str, Any]] = {
    "blind pulses on a pair": {"scheme": BlindPulses()},
    "2 tiles, gain 3": tiles(2, 3.0),
    "3 tiles, gain 3": tiles(3, 3.0),
    "4 tiles, gain 2": tiles(4, 2.0),
    "Tiki-Taka 2": {"scheme": TikiTaka()},
    "mixed precision": {"scheme": MixedPrecision()},
}


def main() -> None:
    warnings.simplefilter("ignore", UserWarning)  # that the pair cannot be trained so is what is shown
    example = begin(__doc__, "residual-tiles")
    data = example.dataset
    x = data.train_images.reshape(len(data.train_images), -1) / data.train_images.max()
    kept, epochs = (100, 2) if example.quick else (len(x) * 4 // 5, 15)
    held = slice(len(x) * 4 // 5, None)

    def scores(rate: float, **way: Any) -> list[float]:
        found = []
        for seed in range(example.seeds):
            model = CrossbarClassifier((32,), epochs=epochs, learning_rate=rate, random_state=seed, **way)
            model.fit(x[:kept], data.train_labels[:kept])
            found.append(100 * model.score(x[held], data.train_labels[held]))
        return found

    for name, way in {
        "numbers": {},
        **{f"{n} steps; {name}": {"device": device(n), **way} for n in (16, 64) for name, way in WAYS.items()},
    }.items():
        best = max((scores(rate, **way) for rate in RATES), key=np.mean)
        print(f"{name}: accuracy {np.mean(best):.1f} +- {np.std(best, ddof=len(best) > 1):.1f} %", flush=True)


if __name__ == "__main__":
    main()
