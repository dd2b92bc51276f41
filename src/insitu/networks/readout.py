"""From output spikes to classes: the only place where labels are used, after all learning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from insitu.errors import InputError
from insitu.networks.estimating import as_probabilities
from insitu.networks.spiking import SpikingNetwork

Decision = Literal["bayes", "vote"]

_AT_ONCE = 2_500  # images, so that memory stays small and a bar moves
_ENOUGH = 50_000  # presentations that label the neurons well; a small data set is shown more often


def spike_counts(winners: NDArray[np.integer], neurons: int) -> NDArray[np.int32]:
    """Return how often each neuron fired for each image: (n, neurons), from the winners (n, spikes)."""
    counts = np.zeros((winners.shape[0], neurons), np.int32)
    np.add.at(counts, (np.arange(winners.shape[0])[:, None], winners), 1)
    return counts


@dataclass(frozen=True)
class ClassReadout:
    """What each neuron stands for, from its spikes for labelled images.

    Parameters
    ----------
    spikes : (neurons, classes) how often each neuron fired for images of each class.
    """

    spikes: NDArray[np.int64]

    @classmethod
    def empty(cls, neurons: int, classes: int) -> ClassReadout:
        """Return a readout that has seen nothing."""
        return cls(np.zeros((neurons, classes), np.int64))

    def add(self, winners: NDArray[np.integer], labels: NDArray[np.integer]) -> ClassReadout:
        """Return the readout with the spikes for more labelled images: winners (n, spikes), class indices (n,)."""
        neurons, classes = self.spikes.shape
        pairs = (winners.astype(np.int64) * classes + labels[:, None]).ravel()
        return ClassReadout(self.spikes + np.bincount(pairs, minlength=neurons * classes).reshape(neurons, classes))

    @property
    def neuron_class(self) -> NDArray[np.intp]:
        """(neurons,) the class for which each neuron fired most; -1 if it never fired."""
        return np.where(self.spikes.any(axis=1), self.spikes.argmax(axis=1), -1)

    def add_counts(self, counts: NDArray[np.integer], labels: NDArray[np.integer]) -> ClassReadout:
        """Return the readout with the spikes of each neuron for more labelled images, counts (n, neurons), added."""
        classes = range(self.spikes.shape[1])
        more = [counts[labels == one].sum(axis=0, dtype=np.int64) for one in classes]
        return ClassReadout(self.spikes + np.stack(more, axis=1))

    def predict(self, winners: NDArray[np.integer], decision: Decision = "bayes") -> NDArray[np.intp]:
        """Return the class index of each image, (n,): that of most :meth:`evidence`."""
        return np.asarray(self.evidence(winners, decision).argmax(axis=1))

    def probabilities(self, winners: NDArray[np.integer], decision: Decision = "bayes") -> NDArray[np.float64]:
        """Return the probability of each class (n, classes): by Bayes' rule, all classes as likely beforehand, as if spikes
        were independent, which makes it surer than it is right; or the part of the votes."""
        return _probabilities(self.evidence(winners, decision), decision)

    def probabilities_of(self, counts: NDArray[np.integer], decision: Decision = "bayes") -> NDArray[np.float64]:
        """Return the same for how often each neuron fired, counts (n, neurons); row by row, whatever else is in the batch."""
        each = np.ascontiguousarray(self.each(decision).T)
        score = np.stack([(each * one).sum(axis=1) for one in counts]) if len(counts) else np.zeros((0, len(each)))
        return _probabilities(score, decision)

    def evidence(self, winners: NDArray[np.integer], decision: Decision) -> NDArray[np.float64]:
        """Return what speaks for each class, (n, classes).

        Parameters
        ----------
        winners : (n, spikes) the neurons that fired.
        decision : ``"vote"``: each neuron stands for one class, and the class with most spikes wins. ``"bayes"``: the
            spikes are evidence, and the class with the largest ``sum over spikes of log P(neuron | class)`` wins,
            with P from the labelled spike counts plus one.
        """
        each = self.each(decision)
        score = np.zeros((winners.shape[0], each.shape[1]))
        for spike in range(winners.shape[1]):
            score += each[winners[:, spike]]
        return score

    def each(self, decision: Decision) -> NDArray[np.float64]:
        """Return what a spike of each neuron says for each class, (neurons, classes), see :meth:`evidence`."""
        if decision == "bayes":
            counts = self.spikes + 1.0
            return np.asarray(np.log(counts / counts.sum(axis=0)))
        if decision == "vote":
            return np.asarray(np.eye(self.spikes.shape[1])[self.neuron_class] * (self.neuron_class >= 0)[:, None])
        raise InputError(f"decision: got {decision!r}; allowed: bayes, vote")


def _probabilities(score: NDArray[np.float64], decision: Decision) -> NDArray[np.float64]:
    if decision == "bayes":
        score = np.exp(score - score.max(axis=1, keepdims=True))
    return as_probabilities(score)


def label_neurons(
    network: SpikingNetwork,
    images: NDArray[np.uint8],
    labels: NDArray[np.integer],
    known: ClassReadout,
    advance: Callable[[int], object] = lambda _: None,
) -> ClassReadout:
    """Return ``known`` with the frozen network's spikes for labelled images (n, inputs), class indices (n,), added.

    ``advance`` is called with how many images were heard since it was last called.
    """
    presentations = min(-(-_ENOUGH // len(images)), network.rule.wta.presentations)
    for start in range(0, len(images), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        known = known.add(network.respond(images[part], presentations), labels[part])
        advance(len(labels[part]))
    return known
