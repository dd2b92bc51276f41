"""Which update scheme suits which device: the same network and the same devices, four ways to train.

    python examples/cristiano2018_schemes.py [--seeds 5] [--quick]

Plain analogue gradient descent, mixed precision with a digital accumulator, Tiki-Taka version 2, and its chopped form, each
with the options that the library starts with; docs/update-schemes.md has the equations. A weight is one pair of devices.
What a call has finished is kept in rows.json; the same command goes on from there.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from common import Example, begin

from insitu.arrays.transfer import ClosedLoop, Transfer
from insitu.cells import MultiConductance, Significance
from insitu.devices.library import load
from insitu.learning import MixedPrecision, OpenLoop, TikiTaka
from insitu.learning.backprop import Neurons
from insitu.learning.methods import Method
from insitu.networks.perceptron import Perceptron
from insitu.networks.twin import float_cell, float_method
from insitu.random import permutation
from insitu.recipes.cristiano2018 import cropped
from insitu.studies.rows import summarise, write_rows

EPOCHS, HIDDEN, RATE, DECAY = 5, (250, 125), 0.01, 0.8
#: device -> siemens of a weight of 1: the range; of the one-sided cell, twice what its pulses reach
DEVICES = {
    "li2018-3t1c": 10e-6,
    "nandakumar2018-pcm": 20e-6,
    "gong2022-om": 10e-6,
    "shi2018-cbram": 6.65e-6,
}
#: of pairs of one-sided devices that are about to saturate
REFRESH = Transfer(every=1000, inversion=None, closed_loop=ClosedLoop(tolerance=0.05))
SCHEMES: dict[str, Callable[[], Method]] = {
    "analogue SGD": lambda: OpenLoop(transfer=REFRESH),
    "mixed precision": lambda: MixedPrecision(transfer=REFRESH),
    "Tiki-Taka 2": lambda: TikiTaka(transfer=REFRESH),
    "chopped Tiki-Taka": lambda: TikiTaka(transfer=REFRESH, chop=0.02),
}
FLOAT = "floating point"


def point(
    example: Example, scheme: str, device: str, seed: int, *, epochs: int = EPOCHS, most: int | None = None
) -> dict[str, Any]:
    """Train and test one network; ``most`` images of the training set only."""
    data = example.dataset
    images, tests = cropped(data.train_images, True)[:most], cropped(data.test_images, True)
    labels = data.train_labels[:most].astype(np.int64)
    cell, method = float_cell(), float_method()
    if scheme != FLOAT:
        cell = MultiConductance(parts=(Significance(device=load(device).device),), unit=DEVICES[device])
        method = SCHEMES[scheme]()
    hidden = (32,) if example.quick else HIDDEN
    net = Perceptron((images.shape[1], *hidden, 10), cell, neurons=Neurons(), method=method, seed=seed)
    for epoch in range(epochs):
        order = permutation(seed, len(images), epoch)
        net.learn(images[order], labels[order], RATE * DECAY**epoch, 1 / 255)
    counts, shown = net.counts.as_dict(), epochs * len(images)
    right = net.respond(tests, 1 / 255).argmax(axis=1) == data.test_labels
    of_image = {name: counts[name] / shown for name in ("pulses_up", "pulses_down", "reads", "digital_ops")}
    return {"device": device, "scheme": scheme, "seed": seed, "accuracy": float(right.mean()), **of_image}


def main(**how: Any) -> None:
    example = begin(__doc__, "cristiano2018-schemes")
    if example.quick:
        how = {"epochs": 1} | how
    file = example.out / "rows.json"
    rows = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    settings = [(FLOAT, "ideal"), *((scheme, device) for device in DEVICES for scheme in SCHEMES)]
    todo = [(s, d, seed) for s, d in settings for seed in range(example.seeds)]
    known = {(row["scheme"], row["device"], row["seed"]) for row in rows}
    missing = [setting for setting in todo if setting not in known]
    if not missing:
        print("nothing is left to do", file=sys.stderr)
    example.out.mkdir(parents=True, exist_ok=True)
    for setting in missing:
        rows.append(point(example, *setting, **how))
        write_rows(example.out, rows)
    for entry in sorted(
        summarise(rows, ["device", "scheme"]), key=lambda e: settings.index((e["scheme"], e["device"]))
    ):
        mean, sd = entry["mean"], entry["sd"]["accuracy"]
        spread = "" if sd is None else f" +- {100 * sd:.2f}"
        print(
            f"{entry['device']}, {entry['scheme']}: accuracy {100 * mean['accuracy']:.2f}{spread} %, an image "
            f"{mean['pulses_up'] + mean['pulses_down']:.0f} pulses, {mean['reads']:.0f} reads, {mean['digital_ops']:.0f} "
            "digital operations"
        )


if __name__ == "__main__":
    main()
