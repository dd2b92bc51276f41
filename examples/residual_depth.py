"""Deep convolutions on handwritten digits, one behind the other, normalised, or with residual additions around each two.

    python examples/residual_depth.py [--seeds 2] [--images 20000] [--blocks 3] [--quick]

Images of half the size (the mean of each 2 x 2 pixels), 8 maps of 3 x 3, a pool of 2, then ``blocks`` times two
convolutions of 8 maps of 3 x 3 that keep the size, and the outputs; in numbers, and on noisy cells by mixed precision. One
pass. The rate of each is the best of three on the last 1,000 training images, which are held back, after the first quarter
of the images, seed 0; one at which the network leaves all bounds is none.
"""

from __future__ import annotations

import time

import numpy as np
from common import Example, begin

import insitu
from insitu import CrossbarClassifier, Exact, MixedPrecision
from insitu.errors import InputError
from insitu.networks.layers import Conv, Layer, Normalise, Pool, Residual
from insitu.schemes import Scheme

MAPS = 8
RATES = (0.001, 0.003, 0.01)
HELD = 1000  #: images held back while a rate is chosen
#: device and scheme
WAYS: dict[str, tuple[str | None, Scheme]] = {
    "numbers": (None, Exact()),
    "gong2022-om, mixed precision": ("gong2022-om", MixedPrecision()),
}


def block(kind: str) -> list[Layer]:
    """Return two convolutions of a kind of network."""
    first, last = Conv(MAPS, 3, padding=1), Conv(MAPS, 3, padding=1, neurons=False)
    if kind == "plain":
        return [first, first]
    if kind == "normalised":
        return [last, Normalise(neurons=True), last, Normalise(neurons=True)]
    return [Residual([first, last] if kind == "residual" else [Normalise(), first, last])]


def network(kind: str, blocks: int, side: int) -> list[Layer]:
    """Return the hidden layers for images of ``side`` x ``side`` pixels."""
    smaller: list[Layer] = [Pool(2, how="mean")] if side > 8 else []
    deep = [layer for _ in range(blocks) for layer in block(kind)]
    last: list[Layer] = [Normalise()] if kind == "normalised residual" else []
    return [*smaller, Conv(MAPS, 3, padding=1), Pool(2), *deep, *last]


KINDS = ("plain", "normalised", "residual", "normalised residual")


def model(example: Example, kind: str, way: str, rate: float, seed: int) -> CrossbarClassifier:
    """Return a network that has learned nothing."""
    device, scheme = WAYS[way]
    return CrossbarClassifier(
        network(kind, example.numbers["blocks"], example.dataset.shape[0]), image_shape=example.dataset.shape, batch=8,
        epochs=1, learning_rate=rate, random_state=seed, scheme=scheme,
        device=None if device is None else insitu.load(device),
    )  # fmt: skip


def best_rate(example: Example, kind: str, way: str) -> float:
    """Return the rate that does best on images that are held back."""
    x, y = example.dataset.train_images, example.dataset.train_labels
    some = slice(0, example.numbers["images"] // 4)

    def held_back(rate: float) -> float:
        try:
            return float(model(example, kind, way, rate, 0).fit(x[some], y[some]).score(x[-HELD:], y[-HELD:]))
        except InputError:
            return 0.0

    return max(RATES, key=held_back)


def main() -> None:
    numbers = {
        "--images": (20_000, "training images of one pass (20000)"),
        "--blocks": (3, "of two convolutions (3)"),
    }
    example = begin(__doc__, "residual-depth", numbers=numbers)
    data, images = example.dataset, 200 if example.quick else example.numbers["images"]
    x, y = data.train_images[:images], data.train_labels[:images]
    for way in WAYS:
        for kind in KINDS:
            began, scores = time.process_time(), []
            rate = RATES[0] if example.quick else best_rate(example, kind, way)
            for seed in range(example.seeds):
                fitted = model(example, kind, way, rate, seed).fit(x, y)
                scores.append(100 * fitted.score(data.test_images, data.test_labels))
            spread = np.std(scores, ddof=len(scores) > 1)
            said = f"{way}, {kind}: accuracy {np.mean(scores):.2f} +- {spread:.2f} % at rate {rate:g}"
            seconds = time.process_time() - began
            print(said if example.quick else f"{said}, {seconds:.0f} s of a processor", flush=True)


if __name__ == "__main__":
    main()
