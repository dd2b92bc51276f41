"""How many images a spiking network names correctly; and how many it named before it learned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insitu.networks.readout import ClassReadout, Decision, label_neurons
from insitu.networks.spiking import SpikingNetwork

Asked = tuple[NDArray[np.uint8], NDArray[np.integer]]
_ENOUGH = 5000  #: images that tell an accuracy well


@dataclass(frozen=True)
class Exam:
    """Images that name the neurons, and others that ask them: the same for a network untrained, learning and trained.

    Neurons of random weights that are named from labels recognise many images. What learning is worth is the distance to
    that, so an accuracy is not to be shown without it.

    Parameters
    ----------
    shown, labels : (n, inputs) intensities and (n,) class indices of the images that name the neurons. All of them,
        always: with every twelfth, an untrained network of 500 neurons names 5 points fewer of MNIST.
    asked : kind of images -> (m, inputs) intensities and (m,) class indices. The kind is the prefix of their results.
    decision : by which ``accuracy`` is counted.
    """

    shown: NDArray[np.uint8]
    labels: NDArray[np.int64]
    asked: Mapping[str, Asked]
    decision: Decision = "bayes"

    def name(self, network: SpikingNetwork, advance: Callable[[int], object] = lambda _: None) -> ClassReadout:
        """Return what the neurons of the frozen network stand for; see :func:`insitu.networks.readout.label_neurons`."""
        classes = 1 + max(int(labels.max()) for labels in (self.labels, *(truth for _, truth in self.asked.values())))
        unnamed = ClassReadout.empty(network.synapses.columns, classes)
        return label_neurons(network, self.shown, self.labels, unnamed, advance)

    def ask(self, network: SpikingNetwork, readout: ClassReadout, kind: str, every: int = 1) -> dict[str, float]:
        """Return the fractions of images named correctly: ``accuracy`` and, if each neuron votes, ``accuracy_vote``.

        Only every ``every``-th image is asked.
        """
        images, truth = self.asked[kind]
        winners = network.respond(images[::every])
        by: dict[str, Decision] = {"accuracy": self.decision, "accuracy_vote": "vote"}
        return {kind + key: float((readout.predict(winners, how) == truth[::every]).mean()) for key, how in by.items()}

    def look(
        self, network: SpikingNetwork, *kinds: str, advance: Callable[[int], object] = lambda _: None
    ) -> dict[str, float]:
        """Return what :meth:`ask` does for some kinds of images, without a trace in what the network has heard.

        Of more than 5,000 images every second one is asked, or third, and so on: the 10,000 test images of MNIST then
        tell the accuracy of an untrained network to 0.4 points, less than the spread of its seeds.
        """
        every = {kind: self._every(kind) for kind in kinds}
        with network.uncounted():
            readout = self.name(network, advance)
            found = [self.ask(network, readout, kind, every[kind]) for kind in kinds]
        return {key: share for one in found for key, share in one.items()}

    def tested(self) -> dict[str, int]:
        """Return key -> of how many images each accuracy of a run is the fraction, that of the untrained network too."""
        found: dict[str, int] = {}
        for kind, (_, truth) in self.asked.items():
            for key in (f"{kind}accuracy", f"{kind}accuracy_vote"):
                found |= {key: len(truth), f"untrained_{key}": len(truth[:: self._every(kind)])}
        return found

    def _every(self, kind: str) -> int:
        return -(-len(self.asked[kind][1]) // _ENOUGH)
