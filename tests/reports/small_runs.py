"""Small trained networks for the tests of figures."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from insitu.cells import BitSlices, DifferentialPair, SingleDevice
from insitu.datasets import load_digits
from insitu.devices.library import load
from insitu.learning import ConventionalPruning, SoftPruning, Stdp
from insitu.learning.pruning import Schedule
from insitu.networks.inputs import InputMap, active_pixels
from insitu.networks.readout import ClassReadout
from insitu.networks.spiking import SpikingNetwork, SpikingRule
from insitu.reports.spiking_panels import Trained

ROWS = [
    {
        "images": 250 * k,
        "epochs": k / 2,
        "accuracy": 0.5 + k / 10,
        "pruned_fraction": 0.25 * k,
        "pulses_up": k,
        "pulses_down": 9 * k,
    }
    for k in (0, 1, 2)
]
_SOON = Schedule(fraction=0.6, maturity=20)
PRUNING = {"none": None, "soft": SoftPruning(schedule=_SOON), "conventional": ConventionalPruning(schedule=_SOON)}
ENCODINGS: dict[str, Any] = {"single": SingleDevice(), "pair": DifferentialPair(), "bits": BitSlices(bits=3)}


@dataclass
class SmallRun:
    """A network before and after 500 images of the embedded digits, as ``trained`` for the figures."""

    untrained: SpikingNetwork
    network: SpikingNetwork
    readout: ClassReadout
    inputs: InputMap
    dataset: Any

    @property
    def trained(self) -> Trained:
        return Trained(self.untrained, self.network, self.readout, self.inputs, self.dataset)


def small_run(neurons=25, encoding="single", pruning="soft", images=500) -> SmallRun:
    dataset = load_digits()
    mask = active_pixels(dataset.train_images)
    inputs = InputMap(mask, 255.0)
    shown = inputs(dataset.train_images[: max(images, 200)])
    device = load("shi2018-cbram-binary").device if encoding == "bits" else Stdp().ideal_device()

    def build() -> SpikingNetwork:
        rule = SpikingRule(pruning=PRUNING[pruning])
        return SpikingNetwork(device, int(mask.sum()), neurons, rule, encoding=ENCODINGS[encoding], seed=3)

    network = build()
    network.learn(shown[:images])
    labels = dataset.train_labels[:200].astype(np.int64)
    readout = ClassReadout.empty(neurons, 10).add(network.respond(shown[:200]), labels)
    return SmallRun(build(), network, readout, inputs, dataset)
