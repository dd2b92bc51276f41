"""A network like LeNet on handwritten digits: on numbers, on noisy cells by mixed precision, and by blind pulses.

    python examples/convolution_mnist.py [--seeds 1] [--epochs 1] [--quick]

16 and 32 maps of 5 x 5, a pool of 2 behind each, 120 units; on the embedded digits 8 maps of 3 x 3, one pool and 32 units.
All constants are ours, tuned on training images that were held back. For blind pulses each layer has a range not far beyond
what its weights need, so that a step of the device is a small one of the layer. The rate falls to 0.7 from pass to pass.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from common import begin

import insitu
from insitu import BlindPulses, CrossbarClassifier, DifferentialPair, Exact, MixedPrecision
from insitu.networks.layers import Conv, Dense, Layer, Pool
from insitu.schemes import Scheme

LENET = (Conv(16, 5), Pool(2), Conv(32, 5), Pool(2), Dense(120))
SMALL = (Conv(8, 3, padding=1), Pool(2), Dense(32))
RANGES = (1.0, 0.4, 0.3)  #: of blind pulses, layer by layer
#: device, scheme, whether ranges are narrow
WAYS: dict[str, tuple[str | None, Scheme, bool]] = {
    "numbers": (None, Exact(), False),
    "gong2022-om, mixed precision": ("gong2022-om", MixedPrecision(), False),
    "ambrogio2018-3t1c, blind pulses": ("ambrogio2018-3t1c", BlindPulses(), True),
}


def narrow(layers: Sequence[Layer]) -> list[Layer]:
    """Return the layers with a range of its own each."""
    ranges = iter(RANGES)
    return [
        one if isinstance(one, Pool) else replace(one, encoding=DifferentialPair(w_max=next(ranges))) for one in layers
    ]


def main() -> None:
    example = begin(__doc__, "convolution-mnist")
    data = example.dataset
    images, epochs = (600, 2) if example.quick else (len(data.train_images), example.epochs or 1)
    layers = LENET if data.shape == (28, 28) else SMALL
    x, y = data.train_images[:images], data.train_labels[:images]
    for name, (device, scheme, narrowed) in WAYS.items():
        scores, began = [], time.process_time()
        for seed in range(example.seeds):
            model = CrossbarClassifier(
                narrow(layers) if narrowed else layers, image_shape=data.shape, batch=8, epochs=epochs, decay=0.7,
                random_state=seed, device=None if device is None else insitu.load(device), scheme=scheme,
            )  # fmt: skip
            scores.append(100 * model.fit(x, y).score(data.test_images, data.test_labels))
        seconds = (time.process_time() - began) / example.seeds
        spread = np.std(scores, ddof=len(scores) > 1)
        said = f"{name}: accuracy {np.mean(scores):.2f} +- {spread:.2f} %, {model.counts_.pulses:,} pulses"
        print(said if example.quick else f"{said}, {seconds:.0f} s of a processor")


if __name__ == "__main__":
    main()
