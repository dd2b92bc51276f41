"""A network like LeNet on handwritten digits: on numbers, on noisy cells by mixed precision, and by blind pulses.

    python examples/convolution_mnist.py [--seeds 1] [--epochs 1] [--quick]

All constants are ours, hardly tuned. 16 and 32 maps of 5 x 5, a pool of 2 behind each, 120 units, one pass of the images; on
the embedded digits, which are smaller, 8 maps of 3 x 3, one pool and 32 units.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from common import begin

import insitu
from insitu import BlindPulses, CrossbarClassifier, Exact, MixedPrecision
from insitu.networks.layers import Conv, Pool

LENET = (Conv(16, 5), Pool(2), Conv(32, 5), Pool(2), 120)
SMALL = (Conv(8, 3, padding=1), Pool(2), 32)
#: device, scheme, rate
WAYS: dict[str, tuple[str | None, Any, float]] = {
    "numbers": (None, Exact(), 0.01),
    "gong2022-om, mixed precision": ("gong2022-om", MixedPrecision(), 0.01),
    "li2018-3t1c, blind pulses": ("li2018-3t1c", BlindPulses(), 0.01),
}


def main() -> None:
    example = begin(__doc__, "convolution-mnist")
    data = example.dataset
    images, epochs = (600, 2) if example.quick else (len(data.train_images), example.epochs or 1)
    layers = LENET if data.shape == (28, 28) else SMALL
    x, y = data.train_images[:images], data.train_labels[:images]
    for name, (device, scheme, rate) in WAYS.items():
        scores, began = [], time.process_time()
        for seed in range(example.seeds):
            model = CrossbarClassifier(
                layers, image_shape=data.shape, batch=8, epochs=epochs, learning_rate=rate, random_state=seed,
                device=None if device is None else insitu.load(device), scheme=scheme,
            )  # fmt: skip
            scores.append(100 * model.fit(x, y).score(data.test_images, data.test_labels))
        seconds = (time.process_time() - began) / example.seeds
        said = f"{name}: accuracy {np.mean(scores):.1f} +- {np.std(scores):.1f} %, {model.counts_.pulses:,} pulses"
        print(said if example.quick else f"{said}, {seconds:.0f} s of a processor")


if __name__ == "__main__":
    main()
