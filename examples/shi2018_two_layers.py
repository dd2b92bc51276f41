"""Two spiking layers that learn without labels: patches of handwritten digits, and above them whole images.

    python examples/shi2018_two_layers.py [--seeds 1] [--neurons 1600] [--epochs 1] [--quick]

The first layer is that of shi2018_patches.py; how often each of its maps fires in each region of an image, square roots, is
how strongly an input of the second layer is driven, an ordinary network of competing neurons. Both learn by STDP on noisy
cells. Neurons of the second layer are named by Bayes' rule, which alone sees labels. All constants are ours.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from common import begin

import insitu
from insitu import SpikingClassifier
from insitu.networks.convolutional_spiking import ConvolutionalSpikingClassifier, patch_rule
from insitu.networks.spiking import WinnerTakeAll

#: the first layer, and the square root of a count at which an input of the second fires at the full rate
MNIST: tuple[dict[str, Any], float] = ({"maps": 200, "size": 7, "regions": 4}, 4.0)
#: of small images there are fewer patches, so each is shown more often
SMALL: tuple[dict[str, Any], float] = (
    {
        "maps": 100, "size": 4, "regions": 3, "epochs": 5,
        "rule": patch_rule(wta=WinnerTakeAll(reading_gain=2.0, spikes=1, presentations=16)),
    },
    12.0,
)  # fmt: skip
#: what each layer learns
WAYS = {"neither layer learns": (False, False), "the second learns": (False, True), "both layers learn": (True, True)}


def main() -> None:
    example = begin(
        __doc__,
        "shi2018-two-layers",
        numbers={"--neurons": (1600, "neurons of the second layer (1600)")},
    )
    data, cells = example.dataset, insitu.load("shi2018-cbram")
    options, full = MNIST if data.shape == (28, 28) else SMALL
    images, neurons, epochs = len(data.train_images), example.numbers["neurons"], example.epochs or 1
    if example.quick:
        options, images, neurons = options | {"maps": 16, "epochs": 1}, 400, 40
    labels = data.train_labels[:images]
    found: dict[str, list[float]] = {name: [] for name in WAYS}
    for seed in range(example.seeds):
        for learns in (False, True):
            began = time.process_time()
            first = ConvolutionalSpikingClassifier(
                image_shape=data.shape, full_intensity=255.0, device=cells, random_state=seed,
                **options | ({} if learns else {"epochs": 0}),
            )  # fmt: skip
            first.fit(data.train_images[:images])
            parts = data.train_images[:images], data.test_images
            shown, asked = (np.minimum(np.sqrt(first.transform(part)), full) for part in parts)
            for name, (one, other) in WAYS.items():
                if one is learns:
                    second = SpikingClassifier(
                        neurons, epochs=epochs * other, device=cells, full_intensity=full, random_state=seed
                    ).fit(shown, labels)
                    found[name].append(100 * float(second.score(asked, data.test_labels)))
                    pulses = first.counts_.pulses + second.counts_.pulses
                    said = f"{name}, seed {seed}: accuracy {found[name][-1]:.2f} %, {pulses:,} pulses"
                    seconds = "" if example.quick else f", {time.process_time() - began:.0f} s of a processor so far"
                    print(said + seconds, flush=True)
    if example.seeds > 1:
        for name, numbers in found.items():
            print(f"{name}: accuracy {np.mean(numbers):.2f} +- {np.std(numbers, ddof=1):.2f} %")


if __name__ == "__main__":
    main()
