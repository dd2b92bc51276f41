"""What a network of energy does with its arrays, and how it starts."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import get_args

import numpy as np

from insitu.arraytypes import Floats
from insitu.errors import InputError, require_between, require_kind, require_whole
from insitu.learning.activity_difference import ActivityDifference
from insitu.networks.units import Unit
from insitu.random import Stream, normal, offset
from insitu.schemes import Weights


@dataclass(frozen=True, kw_only=True)
class EnergyRule:
    """All that the network does with its arrays.

    Parameters
    ----------
    learning : see :class:`insitu.learning.activity_difference.ActivityDifference`.
    hidden, output : activation of the units, see :func:`insitu.networks.units.activate`. None, of the outputs, is sigmoid
        behind one hidden layer, and hard behind more: outputs that rest at 0, as most of them should. At rest at a half, all
        of them ask the last hidden layer for the same at first, and what passes on from there drives deep layers to where no
        input moves them.
    gain : of a neuron's amplifier, before it is divided by the square root of the layer's inputs: at weights of 1 and
        inputs of +-1 at random, the drive has this spread.
    initial : spread of the initial weights, in units of weight; None is 0.3, and between hidden layers as much as
        :func:`first_spreads` says.
    ratios : the rate of each layer, relative to that of ``learning``; None is what
        :func:`default_ratios` says.
    steps : most updates of each layer in a relaxation.
    nudged_steps : the same of the second relaxation, which starts where the first ended; None is steps.
    tolerance : a relaxation ends when no activity moves by more.
    """

    learning: ActivityDifference = field(default_factory=ActivityDifference)
    hidden: Unit = "tanh"
    output: Unit | None = None
    gain: float = 2.0
    initial: float | None = None
    ratios: tuple[float, ...] | None = None
    steps: int = 20
    nudged_steps: int | None = None
    tolerance: float = 1e-2

    def __post_init__(self) -> None:
        require_kind("rule.learning", self.learning, ActivityDifference, "for example ActivityDifference()")
        for name in ("hidden", "output"):
            if getattr(self, name) not in get_args(Unit) and (name, self.output) != ("output", None):
                raise InputError(f"{name}: got {getattr(self, name)!r}; allowed are {', '.join(get_args(Unit))}")
        require_between("gain", self.gain, 1e-6, 1e6, optional=False)
        require_between("initial", self.initial, 0, 10)
        require_whole("steps", self.steps, 1)
        if self.nudged_steps is not None:
            require_whole("nudged_steps", self.nudged_steps, 1)
        require_between("tolerance", self.tolerance, 0, 10, optional=False)


def units_of(rule: EnergyRule, layers: int) -> list[Unit]:
    """Return the activation of the units behind each of so many layers of weights."""
    return [rule.hidden] * (layers - 1) + [rule.output or ("hard" if layers > 2 else "sigmoid")]


def default_ratios(rule: EnergyRule, layers: int) -> tuple[float, ...]:
    """Return the rate of each of so many layers of weights, relative to that of the rule, if it gives none.

    They are 1 with one hidden layer, or where the rule says what the outputs are. With more, each layer has twice that of
    the layer behind it, since less than half of the nudge reaches the next one; that of the outputs is a half, since the
    writes of noisy cells that a larger one asks for undo what is learned.
    """
    if layers < 3 or rule.output is not None:
        return (1.0,) * layers
    return tuple(2.0 ** (layers - 2 - place) for place in range(layers))


def first_spreads(rule: EnergyRule, layers: int) -> list[float]:
    """Return the spread of the initial weights of each of so many layers.

    What h hidden layers of equal size give each other at random weights of spread s comes back to a unit up to
    ``4 gain s cos(pi / (h + 1))`` times: the largest singular value of a matrix is about 2 sqrt(units) s, and the largest
    eigenvalue of a chain of h is 2 cos(pi / (h + 1)). From 1 on, layers hold each other in states of their own, whatever the
    inputs are; s makes it 0.85 [ours], and is no more than between all others.
    """
    if rule.initial is not None or layers < 3:
        return [0.3 if rule.initial is None else rule.initial] * layers
    hidden = layers - 1
    inner = min(0.3, 0.85 / (4 * rule.gain * math.cos(math.pi / (hidden + 1))))
    return [0.3] + [inner] * (hidden - 1) + [0.3]


def first_weights(layer: Weights, spread: float) -> Floats:
    """Return normal weights (rows, columns) of this spread, the last row, the bias, 0."""
    z = normal(layer.seed, Stream.WEIGHTS + offset(layer.index), layer.rows * layer.columns).reshape(layer.rows, -1)
    z[-1] = 0.0
    return (spread * z).astype(np.float32)
