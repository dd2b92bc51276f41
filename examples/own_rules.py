"""Rules of your own: three that the library does not have, each written on `insitu.Weights` in under 30 lines.

    python examples/own_rules.py [--seeds 5] [--quick]

Oja's rule and self-contrast learn 16 features without labels; a linear readout in software then names the images from them.
AGAD is a scheme with a second array, whose reference is wrong by half a weight. All constants are ours, picked by hand on the
embedded digits. Any device, encoding and chip takes the place of those below.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from common import begin
from sklearn.linear_model import RidgeClassifier

import insitu
from insitu import BlindPulses, Counts, Device, Exact, MixedPrecision, Weights

DEVICES = ("gong2022-om", "yi2022-taox", "li2018-3t1c")
SCHEMES = {"numbers": Exact(), "blind pulses": BlindPulses(), "mixed precision": MixedPrecision()}
FEATURES, IMAGES, BATCH = 16, 5000, 8


def batches(n: int, epochs: int, seed: int) -> Iterator[tuple[Any, Any]]:
    """Yield which images come next, and their numbers: the address of the noise of their reads."""
    for epoch in range(epochs):
        order = np.random.default_rng([seed, epoch]).permutation(n)
        for k in range(0, n, BATCH):
            chosen = order[k : k + BATCH]
            yield chosen, np.arange(epoch * n + k, epoch * n + k + len(chosen), dtype=np.uint64)


def oja(layer: Weights, x: Any, epochs: int, seed: int) -> None:
    """W += rate (x - W y) y^T with y = x W: the directions of most variance (E. Oja, Int. J. Neural Syst. 1, 61 (1989))."""
    x = x - x.mean(axis=0)
    for chosen, numbers in batches(len(x), epochs, seed):
        y = layer.read(x[chosen], numbers)
        untold = x[chosen] - layer.read_transposed(y, numbers)
        layer.add_factors(untold, 0.01 * y)


def contrast(layer: Weights, x: Any, epochs: int, seed: int) -> None:
    """Strong answers to an image and itself, weak ones to two mixed (after SCFF, Nat. Commun. 2025, s41467-025-61037-0)."""
    x, rng = x / np.linalg.norm(x, axis=1, keepdims=True), np.random.default_rng(seed)
    for chosen, numbers in batches(len(x), epochs, seed):
        mixed = x[chosen] + x[rng.integers(0, len(x), len(chosen))]
        for turn, (both, sign) in enumerate(((2 * x[chosen], 1), (mixed, -1))):
            y = np.maximum(layer.read(both, numbers, turn), 0)
            goodness = (y * y).mean(axis=1, keepdims=True)
            wrong = 1 / (1 + np.exp(sign * (goodness - 0.5)))  # the slope of a logistic loss
            layer.add_factors(both, np.float32(sign * 0.02) * wrong * y)


def agad(device: Device, x: Any, target: Any, epochs: int, seed: int) -> Weights:
    """Tiki-Taka with a reference that is measured on the way (M. J. Rasch et al., Nat. Commun. 15 (2024)), one layer."""
    shape, part = (x.shape[1], target.shape[1]), x.shape[1] // 8
    fast = Weights(device, *shape, BlindPulses(), form="factors", seed=seed)
    slow = Weights(device, *shape, MixedPrecision(burst=1), form="dense", seed=seed, index=1)  # keeps H, gets its steps
    for layer in (fast, slow):
        layer.put(np.zeros(shape))
    error = np.random.default_rng(seed).normal(0, 0.5, shape).astype(np.float32)  # of the reference
    sign, looks = np.ones(shape[0], np.float32), np.zeros(shape[0], int)
    mean, before = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for turn, (chosen, numbers) in enumerate(batches(len(x), epochs, seed)):
        z = 4 * slow.read(x[chosen], numbers)
        z = np.exp(z - z.max(axis=1, keepdims=True))
        fast.add_factors(sign * x[chosen], 3 * fast.step * (target[chosen] - z / z.sum(axis=1, keepdims=True)))
        at = turn * part + np.arange(part)
        rows = at % shape[0]  # it is their turn to be read
        seen = fast.read(np.eye(shape[0], dtype=np.float32)[rows], at.astype(np.uint64), 1) + error[rows]
        wanted = np.zeros(shape, np.float32)
        wanted[rows] = 0.005 * sign[rows, None] * (seen - before[rows])
        slow.add(wanted)
        mean[rows] += 0.5 * (seen - mean[rows])
        looks[rows] += 1
        turned = rows[looks[rows] % 10 == 0]
        before[turned], sign[turned] = mean[turned], -sign[turned]
    return slow


def main() -> None:
    example = begin(__doc__, "own-rules")
    data, images, epochs = example.dataset, 1000 if example.quick else IMAGES, 5 if example.quick else 10
    x, tests = (np.float32(pixels) / 255 for pixels in (data.train_images[:images], data.test_images))
    labels, truth = data.train_labels[:images], data.test_labels
    target = np.eye(labels.max() + 1, dtype=np.float32)[labels]

    def features(device: Device, how: str, rule: Any, seed: int) -> tuple[float, int]:
        """Return how many test images a readout of learned features names correctly, and the pulses."""
        layer = Weights(device, x.shape[1], FEATURES, SCHEMES[how], form="factors", seed=seed)
        layer.put(np.random.default_rng(seed).normal(0, 0.1, layer.values.shape))
        if rule is not None:
            rule(layer, x, epochs, seed)
        of, seen = (np.maximum(pixels @ layer.values, 0) for pixels in (x, tests))
        return RidgeClassifier(1.0).fit(of, labels).score(seen, truth), Counts.of(layer.counts).pulses

    def classes(device: Device, seed: int) -> tuple[float, int]:
        """Return how many test images a layer trained with AGAD names correctly, and the pulses on it."""
        layer = agad(device, x, target, epochs, seed)
        return float(((tests @ layer.values).argmax(axis=1) == truth).mean()), Counts.of(layer.counts).pulses

    for name in DEVICES[:1] if example.quick else DEVICES:
        device = insitu.load(name)
        cases: dict[str, Any] = {"features, not learned": partial(features, device, "numbers", None)}
        for rule in (oja, contrast):
            cases |= {f"{rule.__name__}, {how}": partial(features, device, how, rule) for how in SCHEMES}
        cases["agad"] = partial(classes, device)
        for what, find in cases.items():
            accuracy, pulses = np.array([find(seed) for seed in range(example.seeds)]).T
            mean, sd = 100 * accuracy.mean(), 100 * accuracy.std()
            print(f"{name}, {what}: accuracy {mean:.1f} +- {sd:.1f} %, {pulses.mean():,.0f} pulses")


if __name__ == "__main__":
    main()
