"""A layered network that relaxes to a minimum of its energy, and learns from the difference of two relaxations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.arrays import Crossbar
from insitu.arrays.periphery import Periphery
from insitu.arrays.writing import WriteVerify, Writing
from insitu.cells import DifferentialPair, Encoding
from insitu.devices.base import Device
from insitu.errors import InputError, require_between, require_whole
from insitu.learning.activity_difference import ActivityDifference, layer_difference
from insitu.networks.units import Floats, Unit, activate, rest
from insitu.random import Stream, normal

_AT_ONCE = 2000  #: examples that settle together

#: an example whose activities still move by more than this has not settled; read noise moves them by less
RESTLESS = 0.2


@dataclass(frozen=True, kw_only=True)
class EnergyRule:
    """All that the network does with its arrays.

    Parameters
    ----------
    learning : see :class:`insitu.learning.activity_difference.ActivityDifference`.
    writing : how targets are written, see :mod:`insitu.arrays.writing`.
    hidden, output : activation of the units, see :func:`insitu.networks.units.activate`.
    gain : of a neuron's amplifier, before it is divided by the square root of the layer's inputs: at weights of 1 and
        inputs of +-1 at random, the drive has this spread.
    initial : spread of the initial weights, in units of weight.
    ratios : the rate of each layer, relative to that of ``learning``; None is 1 for all.
    steps : most updates of each layer in a relaxation.
    nudged_steps : the same of the second relaxation, which starts where the first ended; None is steps.
    tolerance : a relaxation ends when no activity moves by more.
    """

    learning: ActivityDifference = field(default_factory=ActivityDifference)
    writing: Writing = field(default_factory=WriteVerify)
    hidden: Unit = "tanh"
    output: Unit = "sigmoid"
    gain: float = 2.0
    initial: float = 0.3
    ratios: tuple[float, ...] | None = None
    steps: int = 20
    nudged_steps: int | None = None
    tolerance: float = 1e-2

    def __post_init__(self) -> None:
        require_between("gain", self.gain, 1e-6, 1e6, optional=False)
        require_between("initial", self.initial, 0, 10, optional=False)
        require_whole("steps", self.steps, 1)
        if self.nudged_steps is not None:
            require_whole("nudged_steps", self.nudged_steps, 1)
        require_between("tolerance", self.tolerance, 0, 10, optional=False)


@dataclass
class Relaxation:
    """Where a relaxation ended.

    Parameters
    ----------
    states : activity of each layer behind the inputs, (batch, units).
    steps : updates of every layer that it took; moved : (batch,) largest change of each example in the last of them.
    """

    states: list[Floats]
    steps: int
    moved: Floats


class EnergyNetwork:
    """Layers of graded units; each crossbar between two layers is read forwards by one and transposed by the other.

    ``E = sum Phi(s) - sum_l gain_l s_(l-1)^T W_l s_l - biases``, with ``Phi' `` the inverse of the activation, so that a
    minimum is a fixed point of ``s_l = activate(gain_l W_l^T s_(l-1) + gain_(l+1) W_(l+1) s_(l+1) + b_l)``. Layers are
    updated one after the other; the drive of the inputs is read once.

    Parameters
    ----------
    device : of all crossbars.
    sizes : units of each layer, the inputs first.
    rule : see :class:`EnergyRule`.
    encoding : how devices make a weight; None is a differential pair of weights -1 to 1.
    seed : of all random numbers.
    """

    def __init__(
        self,
        device: Device,
        sizes: Sequence[int],
        rule: EnergyRule,
        *,
        encoding: Encoding | None = None,
        seed: int = 0,
        index: int = 0,
    ) -> None:
        if len(sizes) < 2:
            raise InputError(f"sizes: got {tuple(sizes)}; allowed is the inputs and at least one layer")
        self.rule, self.sizes = rule, tuple(sizes)
        self.ratios = rule.ratios if rule.ratios is not None else (1.0,) * (len(sizes) - 1)
        if len(self.ratios) != len(sizes) - 1:
            raise InputError(f"ratios: got {len(self.ratios)}; allowed is one for each of the {len(sizes) - 1} layers")
        encoding = encoding if encoding is not None else DifferentialPair()
        self.layers: list[Periphery] = []
        self.gains: list[np.float32] = []
        for place, (rows, columns) in enumerate(pairwise(sizes)):
            array = Crossbar(device, rows + 1, columns, encoding=encoding, seed=seed, index=index + place)
            layer = Periphery(array, rule.writing, bias=True)
            layer.set_targets(first_weights(array, rule.initial))
            self.layers.append(layer)
            self.gains.append(np.float32(rule.gain / np.sqrt(rows)))
        self.units: list[Unit] = [rule.hidden] * (len(sizes) - 2) + [rule.output]

    # -- relaxing --------------------------------------------------------------------------------------------------

    def relax(
        self,
        drive: Floats,
        start: list[Floats] | None = None,
        *,
        target: Floats | None = None,
        beta: float = 0.0,
        held: Floats | None = None,
        steps: int | None = None,
        record: list[float] | None = None,
        whole: bool = False,
    ) -> Relaxation:
        """Let the network settle.

        Parameters
        ----------
        drive : (batch, units of the first hidden layer) what the inputs give it, see :meth:`drive`.
        start : activities to start from, not changed; None is rest.
        target, beta : the nudge ``beta (target - output)`` on the drive of the outputs, of cost |output - target|^2 / 2.
        held : (batch, outputs) activities at which the outputs are held.
        steps : limit; None is that of the rule.
        record : gets the mean energy after every step.
        whole : take all the steps, so that the result of an example does not depend on the others of the batch.
        """
        from insitu.kernels.settling import largest_move

        states = [rest(u, len(drive), n) for u, n in zip(self.units, self.sizes[1:], strict=True)]
        if start is not None:
            states = list(start)
        last = len(states) - 1
        if held is not None:
            states[last] = held
        moved = np.zeros(len(drive), np.float32)
        limit = self.rule.steps if steps is None else steps
        step = 0
        for step in range(1, limit + 1):  # noqa: B007
            moved[:] = 0
            for place in range(last + (held is None)):
                u = drive.copy() if place == 0 else self.gains[place] * self.layers[place].read(states[place - 1])
                if place < last:
                    u += self.gains[place + 1] * self.layers[place + 1].read_transposed(states[place + 1])
                elif target is not None and beta:
                    u += np.float32(beta) * (target - states[place])
                new = activate(self.units[place], u)
                largest_move(new, states[place], moved)
                states[place] = new
            if record is not None:
                record.append(float(self.energy(drive, states).mean()))
            if not whole and moved.max() <= self.rule.tolerance:
                break
        return Relaxation(states, step, moved)

    def drive(self, x: Floats) -> Floats:
        """Return what the clamped inputs x (batch, inputs) give the first layer: one read for a whole relaxation."""
        return self.gains[0] * self.layers[0].read(x)

    def energy(self, drive: Floats, states: list[Floats]) -> NDArray[np.float64]:
        """Return E of each example (batch,) without the clamped inputs' own part; reads nothing from the hardware."""
        total = -np.sum(drive * states[0], axis=1, dtype=float)
        for place, (s, kind) in enumerate(zip(states, self.units, strict=True)):
            total += _potential(kind, s.astype(float)).sum(axis=1)
            if place:
                weights = self.layers[place].array.weights
                sums = states[place - 1] @ weights[:-1] + weights[-1]
                total -= float(self.gains[place]) * np.sum(sums * s, axis=1, dtype=float)
        return total

    # -- learning --------------------------------------------------------------------------------------------------

    def changes(self, x: Floats, y: Floats) -> tuple[list[Floats], list[Relaxation]]:
        """Return the difference of activities of each layer (rows, columns), times the scale of its mode.

        Parameters
        ----------
        x : (batch, inputs). y : (batch, outputs) wanted activities.

        Returns
        -------
        The changes, before the rate, and the relaxations, the free one first.
        """
        how, steps = self.rule.learning, self.rule.nudged_steps
        drive = self.drive(x)
        free = self.relax(drive)
        first = free
        if how.mode == "clamped":
            second = self.relax(drive, free.states, held=y, steps=steps)
        elif how.mode == "coupled":
            out = free.states[-1]
            second = self.relax(drive, free.states, held=out + np.float32(how.beta) * (y - out), steps=steps)
        else:
            second = self.relax(drive, free.states, target=y, beta=how.beta, steps=steps)
            if how.mode == "centred":
                first = self.relax(drive, free.states, target=y, beta=-how.beta, steps=steps)
        before, after = [x, *first.states], [x, *second.states]
        scale = np.float32(how.scale)
        found = [
            scale * layer_difference((before[i], before[i + 1]), (after[i], after[i + 1]), bias=True)
            for i in range(len(self.layers))
        ]
        return found, [free, second] if first is free else [free, first, second]

    def learn(self, x: Floats, y: Floats, rate: float | None = None) -> list[Relaxation]:
        """Learn from one batch, see :meth:`changes`; ``rate`` takes the place of that of the rule."""
        found, relaxations = self.changes(x, y)
        step = np.float32(self.rule.learning.rate if rate is None else rate)
        for layer, change, ratio in zip(self.layers, found, self.ratios, strict=True):
            layer.update(step * np.float32(ratio) * change, len(x))
        return relaxations

    def respond(self, x: Floats, steps: int | None = None) -> tuple[Floats, Floats]:
        """Return the outputs (n, outputs) for inputs x, and by how much each example (n,) still moved at the end.

        ``steps`` of each layer, none left out: what an example gives does not depend on the others.
        """
        starts = range(0, len(x), _AT_ONCE)
        parts = [self.relax(self.drive(x[i : i + _AT_ONCE]), steps=steps, whole=True) for i in starts]
        return np.concatenate([p.states[-1] for p in parts]), np.concatenate([p.moved for p in parts])

    # -- saving ----------------------------------------------------------------------------------------------------

    @property
    def counts(self) -> NDArray[np.int64]:
        """Events of all crossbars so far."""
        return np.sum([layer.array.counts for layer in self.layers], axis=0)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return a copy of all that learning changed, for a checkpoint."""
        return {f"{i}.{k}": v for i, layer in enumerate(self.layers) for k, v in layer.arrays().items()}

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Put back what :meth:`arrays` returned, into a network made with the same parameters and seed."""
        for i, layer in enumerate(self.layers):
            layer.restore({k.partition(".")[2]: v for k, v in arrays.items() if k.startswith(f"{i}.")})


def first_weights(array: Crossbar, spread: float) -> Floats:
    """Return normal weights (rows, columns) of this spread, the last row, the bias, 0."""
    z = normal(array.seed, Stream.WEIGHTS + 16 * array.index, array.rows * array.columns).reshape(array.rows, -1)
    z[-1] = 0.0
    return (spread * z).astype(np.float32)


def _potential(kind: Unit, s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Phi(s), the integral of the inverse activation."""
    if kind in ("hard", "linear"):
        return s * s / 2
    if kind == "tanh":
        a, b = np.clip((1 + s) / 2, 1e-12, 1), np.clip((1 - s) / 2, 1e-12, 1)
        return a * np.log(a) + b * np.log(b)
    a = np.clip(s, 1e-12, 1)
    inner = a * np.log(a)
    if kind == "softmax":
        return inner
    b = np.clip(1 - s, 1e-12, 1)
    return inner + b * np.log(b)
