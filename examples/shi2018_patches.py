"""Patches of handwritten digits, learned without labels by STDP and competition, on ideal and on noisy cells.

    python examples/shi2018_patches.py [--seeds 1] [--quick]

One array, driven with the patch of one position after the other; the spikes of each map are counted in each region of the
image. What is learned is held against the same network without learning, by the same readouts: Bayes' rule, for which every
map in every region is a neuron, and softmax regression in digital numbers. Labels are seen by these alone. All constants are
ours.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from common import begin

import insitu
from insitu.networks.convolutional_spiking import ConvolutionalSpikingClassifier, patch_rule
from insitu.networks.spiking import WinnerTakeAll

MNIST: dict[str, Any] = {"maps": 200, "size": 7, "regions": 3}
#: of small images there are fewer patches, so each is shown more often
SMALL: dict[str, Any] = {
    "maps": 100, "size": 4, "regions": 3, "epochs": 5,
    "rule": patch_rule(wta=WinnerTakeAll(reading_gain=2.0, spikes=1, presentations=16)),
}  # fmt: skip
#: device, and what is other than in the rest
WAYS: dict[str, tuple[str | None, dict[str, Any]]] = {
    "without learning": ("shi2018-cbram", {"epochs": 0}),
    "ideal cells": (None, {}),
    "shi2018-cbram": ("shi2018-cbram", {}),
}


def main() -> None:
    example = begin(__doc__, "shi2018-patches")
    data = example.dataset
    options = MNIST if data.shape == (28, 28) else SMALL
    images = 400 if example.quick else len(data.train_images)
    if example.quick:
        options = options | {"maps": 16, "epochs": 1}
    for name, (device, other) in WAYS.items():
        found, began = [], time.process_time()
        for seed in range(example.seeds):
            model = ConvolutionalSpikingClassifier(
                image_shape=data.shape, full_intensity=255.0, random_state=seed,
                device=None if device is None else insitu.load(device), **options | other,
            )  # fmt: skip
            model.fit(data.train_images[:images], data.train_labels[:images])
            counts = model.transform(data.test_images)
            found.append([_accuracy(model, counts, data.test_labels, how) for how in ("softmax", "bayes")])
        seconds = (time.process_time() - began) / example.seeds
        (mean, bayes), (spread, other_spread) = np.mean(found, axis=0), np.std(found, axis=0, ddof=len(found) > 1)
        said = f"{name}: accuracy {mean:.2f} +- {spread:.2f} %, by Bayes' rule {bayes:.2f} +- {other_spread:.2f} %"
        said += f", {model.counts_.pulses:,} pulses"
        print(said if example.quick else f"{said}, {seconds:.0f} s of a processor", flush=True)


def _accuracy(model: ConvolutionalSpikingClassifier, counts: Any, truth: Any, how: Any) -> float:
    named = model.classes_[model.probabilities(counts, how).argmax(axis=1)]
    return float(100 * (named == truth).mean())


if __name__ == "__main__":
    main()
