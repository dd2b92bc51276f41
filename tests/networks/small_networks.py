"""One small network of each kind behind one face, on the embedded digits: quick enough to train hundreds of times."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from cases import IDEAL
from sklearn.datasets import load_digits

from insitu.chip import Chip
from insitu.learning.activity_difference import ActivityDifference
from insitu.networks.associative import AssociativeMemory
from insitu.networks.classifier import SpikingClassifier
from insitu.networks.crossbar_classifier import CrossbarClassifier
from insitu.networks.energy import EnergyRule
from insitu.networks.energy_classifier import EnergyClassifier
from insitu.networks.hopfield import BinaryRule
from insitu.networks.spiking import SpikingRule, WinnerTakeAll

DEVICE = replace(IDEAL["softbounds"], step_up=0.3e-6, step_down=0.3e-6)
#: time passes often, so that leak and drift leave their mark in a hundred examples
CHIP = Chip(image_seconds=1e-3, aging=20)
UNITS, EACH = 12, 10  #: what there is to learn, in units of so many examples
X, Y = (part[: UNITS * EACH] for part in load_digits(return_X_y=True))
SIGNED = X / 8 - 1
HEARD = load_digits().data[300:340]
WORDS = np.sign(np.random.default_rng(0).normal(size=(4, 24)))
NOISY_WORDS = np.repeat(WORDS, 10, axis=0) * np.where(np.random.default_rng(1).random((40, 24)) < 0.25, -1, 1)
FEW = SpikingRule(wta=WinnerTakeAll(spikes=4, presentations=2))


class Small(NamedTuple):
    """A kind of network."""

    make: Callable[..., Any]  #: options of the estimator -> estimator
    learn: Callable[[Any, int, int], Any]  #: (estimator, begin, end): show some of the units
    examples: Any  #: (40, features) that are only listened to
    answer: str  #: method of the estimator that gives the finest answer (40, ...)


def _spiking(**options: Any) -> SpikingClassifier:
    return SpikingClassifier(
        8, rule=FEW, threshold=-1.0, min_active=0.0, full_intensity=16.0, random_state=3, **options
    )


def _perceptron(**options: Any) -> CrossbarClassifier:
    return CrossbarClassifier((8,), learning_rate=0.05, scale=1 / 16, random_state=3, **options)


def _energy(**options: Any) -> EnergyClassifier:
    rule = EnergyRule(learning=ActivityDifference(rate=0.3), steps=6)
    return EnergyClassifier((8,), batch=EACH, rule=rule, test_steps=6, random_state=3, **options)


def _recurrent(**options: Any) -> AssociativeMemory:
    return AssociativeMemory(batch=20, rule=BinaryRule(blocks=4, sweeps=6), random_state=3, **options)


def _part(begin: int, end: int) -> slice:
    return slice(begin * EACH, end * EACH)


NETWORKS = {
    "spiking": Small(_spiking, lambda one, a, b: one.partial_fit(X[_part(a, b)]), HEARD, "transform"),
    "perceptron": Small(
        _perceptron,
        lambda one, a, b: one.partial_fit(X[_part(a, b)], Y[_part(a, b)], classes=np.arange(10)),
        HEARD,
        "predict_proba",
    ),
    "energy": Small(
        _energy,
        lambda one, a, b: one.partial_fit(SIGNED[_part(a, b)], Y[_part(a, b)], classes=np.arange(10)),
        HEARD / 8 - 1,
        "activities",
    ),
    "recurrent": Small(_recurrent, lambda one, a, b: one.partial_fit(WORDS, updates=b - a), NOISY_WORDS, "reconstruct"),
}


class Outcome(NamedTuple):
    """What came of a training."""

    weights: list[Any]
    answers: Any
    counts: Any
    arrays: dict[str, Any]


@lru_cache(maxsize=512)
def trained(name: str, *, units: int = UNITS, **options: Any) -> Outcome:
    """Train a network of a kind from scratch, and listen to it."""
    small = NETWORKS[name]
    one = small.make(**{"device": DEVICE, "chip": CHIP} | options)
    small.learn(one, 0, units)
    arrays = one.network_.arrays()
    answers = getattr(one, small.answer)(small.examples)
    return Outcome([layer.values.copy() for layer in one.network_.layers], answers, one.counts_, arrays)


def choice(name: str, answers: Any) -> Any:
    """Return what an answer comes down to: the class (n,), or the pattern as it is."""
    return answers if name == "recurrent" else answers.argmax(axis=1)


def whole_and_in_parts(make: Callable[[], Any], x: Any, y: Any, classes: Any) -> tuple[Any, Any]:
    """Return an estimator that has learned all at once, and one in pieces of 16 with a pickle on the way."""
    whole, parts = make(), make()
    whole.partial_fit(x, y, classes=classes)
    for start in range(0, len(x), 16):
        part = slice(start, start + 16)
        parts.partial_fit(x[part], y[part], classes=classes)
        parts = pickle.loads(pickle.dumps(parts))
    return whole, parts


def same_bits(one: dict[str, Any], other: dict[str, Any], *, but: tuple[str, ...] = ("heard",)) -> None:
    """Assert that two networks, of cells that are the same or that differ by name only, have learned the same, bit for bit.

    What they have heard is another matter.
    """
    assert one.keys() == other.keys()
    for name, value in one.items():
        if not name.endswith((*but, ".origin")):
            np.testing.assert_array_equal(value, other[name], err_msg=name)


def identical(one: Any, other: Any) -> None:
    """Assert the same of two estimators."""
    same_bits(one.network_.arrays(), other.network_.arrays())
