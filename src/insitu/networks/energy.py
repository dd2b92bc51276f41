"""A layered network that relaxes to a minimum of its energy, and learns from the difference of two relaxations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from insitu.cells import Encoding, MultiConductance
from insitu.chip import Chip
from insitu.devices.base import Device
from insitu.errors import InputError, require_between, require_kind, require_whole
from insitu.learning.activity_difference import ActivityDifference, ask_for_difference, form_of, layer_difference
from insitu.learning.pruning import Pruning
from insitu.memory import require_layers
from insitu.networks.stack import Stack
from insitu.networks.units import Floats, Unit, activate, rest
from insitu.random import Stream, content_numbers, normal, offset
from insitu.schemes import Scheme, Weights, WriteVerify
from insitu.schemes.base import Form

_AT_ONCE = 2000  #: examples that settle together

#: an example whose activities still move by more than this has not settled; read noise moves them by less
RESTLESS = 0.2


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


class Reads:
    """The address of the noise of reads: the numbers of the examples, and how often they were read so far."""

    def __init__(self, numbers: NDArray[np.uint64]) -> None:
        self.numbers, self._turn = numbers, -1

    @property
    def next(self) -> int:
        """Number of the next read."""
        self._turn += 1
        return self._turn


class EnergyNetwork(Stack):
    """Layers of graded units; each crossbar between two layers is read forwards by one and transposed by the other.

    ``E = sum Phi(s) - sum_l gain_l s_(l-1)^T W_l s_l - biases``, with ``Phi' `` the inverse of the activation, so that a
    minimum is a fixed point of ``s_l = activate(gain_l W_l^T s_(l-1) + gain_(l+1) W_(l+1) s_(l+1) + b_l)``. Layers are
    updated one after the other; the drive of the inputs is read once.

    Parameters
    ----------
    device : of all crossbars.
    sizes : units of each layer, the inputs first.
    rule : see :class:`EnergyRule`.
    scheme : how wanted changes reach the devices; None is write-verify.
    encoding, chip : see :class:`insitu.schemes.Weights`.
    pruning : takes weights out of learning by the number of examples; None is no pruning.
    seed : of all random numbers; index : of the first layer.
    """

    def __init__(
        self,
        device: Device,
        sizes: Sequence[int],
        rule: EnergyRule,
        *,
        scheme: Scheme | None = None,
        encoding: Encoding | MultiConductance | None = None,
        chip: Chip | None = None,
        pruning: Pruning | None = None,
        seed: int = 0,
        index: int = 0,
    ) -> None:
        require_kind("rule", rule, EnergyRule, "for example EnergyRule()")
        if len(sizes) < 2:
            raise InputError(f"sizes: got {tuple(sizes)}; allowed is the inputs and at least one layer")
        require_layers(sizes)
        self.rule, self.sizes = rule, tuple(sizes)
        self.ratios = rule.ratios if rule.ratios is not None else default_ratios(rule, len(sizes) - 1)
        if len(self.ratios) != len(sizes) - 1:
            raise InputError(f"ratios: got {len(self.ratios)}; allowed is one for each of the {len(sizes) - 1} layers")
        scheme = scheme if scheme is not None else WriteVerify()
        form: Form = form_of(scheme)
        layers = [
            Weights(
                device, rows + 1, columns, scheme, form=form, encoding=encoding, chip=chip, bias=True, seed=seed,
                index=index + place,
            )
            for place, (rows, columns) in enumerate(pairwise(sizes))
        ]  # fmt: skip
        super().__init__(layers, pruning)
        for layer, spread in zip(layers, first_spreads(rule, len(layers)), strict=True):
            layer.put(first_weights(layer, spread))
        self.gains = [np.float32(rule.gain / np.sqrt(rows)) for rows in sizes[:-1]]
        self.units: list[Unit] = [rule.hidden] * (len(sizes) - 2) + [
            rule.output or ("hard" if len(sizes) > 3 else "sigmoid")
        ]

    # -- relaxing --------------------------------------------------------------------------------------------------

    def relax(
        self,
        drive: Floats,
        reads: Reads,
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
        reads : the address of the noise of reads.
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
                u = drive.copy() if place == 0 else self._up(place, states[place - 1], reads)
                if place < last:
                    above = self.layers[place + 1].read_transposed(states[place + 1], reads.numbers, reads.next)
                    u += np.multiply(above, self.gains[place + 1], out=above)
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

    def _up(self, place: int, below: Floats, reads: Reads) -> Floats:
        sums = self.layers[place].read(below, reads.numbers, reads.next)
        return np.multiply(sums, self.gains[place], out=sums)

    def drive(self, x: Floats, reads: Reads) -> Floats:
        """Return what the clamped inputs x (batch, inputs) give the first layer: one read for a whole relaxation."""
        return self._up(0, x, reads)

    def energy(self, drive: Floats, states: list[Floats]) -> NDArray[np.float64]:
        """Return E of each example (batch,) without the clamped inputs' own part; reads nothing from the hardware."""
        total: NDArray[np.float64] = -np.sum(drive * states[0], axis=1, dtype=float)
        for place, (s, kind) in enumerate(zip(states, self.units, strict=True)):
            total += _potential(kind, s.astype(float)).sum(axis=1)
            if place:
                weights = self.layers[place].values
                sums = states[place - 1] @ weights[:-1] + weights[-1]
                total -= float(self.gains[place]) * np.sum(sums * s, axis=1, dtype=float)
        return total

    # -- learning --------------------------------------------------------------------------------------------------

    def phases(self, x: Floats, y: Floats) -> tuple[list[Relaxation], list[Floats], list[Floats]]:
        """Return the relaxations, the free one first, and the activities (inputs first) that are compared, before and after.

        Parameters
        ----------
        x : (batch, inputs). y : (batch, outputs) wanted activities.
        """
        how, steps = self.rule.learning, self.rule.nudged_steps
        reads = Reads(np.uint64(self.shown) + np.arange(len(x), dtype=np.uint64))
        drive = self.drive(x, reads)
        free = self.relax(drive, reads)
        first = free
        if how.mode == "clamped":
            second = self.relax(drive, reads, free.states, held=y, steps=steps)
        elif how.mode == "coupled":
            out = free.states[-1]
            second = self.relax(drive, reads, free.states, held=out + np.float32(how.beta) * (y - out), steps=steps)
        else:
            second = self.relax(drive, reads, free.states, target=y, beta=how.beta, steps=steps)
            if how.mode == "centred":
                first = self.relax(drive, reads, free.states, target=y, beta=-how.beta, steps=steps)
        done = [free, second] if first is free else [free, first, second]
        return done, [x, *first.states], [x, *second.states]

    def changes(self, x: Floats, y: Floats) -> list[Floats]:
        """Return the wanted change of each layer (rows, columns) before the rate: the gradient of the cost, downhill."""
        _, before, after = self.phases(x, y)
        how = self.rule.learning
        pairs = zip(pairwise(before), pairwise(after), strict=True)
        return [np.float32(how.scale) * layer_difference(*pair, form=how.form or "products") for pair in pairs]

    def learn(self, x: Floats, y: Floats, rate: float | None = None) -> list[Relaxation]:
        """Learn from one batch, see :meth:`phases`; ``rate`` takes the place of that of the rule."""
        done, before, after = self.phases(x, y)
        how = self.rule.learning
        step = (how.rate if rate is None else rate) * how.scale
        for layer, ratio, *pair in zip(self.layers, self.ratios, pairwise(before), pairwise(after), strict=True):
            ask_for_difference(layer, *pair, rate=step * ratio, form=how.form)
        self.advance(len(x))
        return done

    def settle(self, x: Floats, record: list[float] | None = None, *, whole: bool = False) -> Relaxation:
        """Return where the network relaxes for inputs x (n, inputs), see :meth:`relax`."""
        with self.listening():
            reads = Reads(content_numbers(x))
            return self.relax(self.drive(x, reads), reads, record=record, whole=whole)

    def respond(self, x: Floats, steps: int | None = None) -> tuple[Floats, Floats]:
        """Return the outputs (n, outputs) for inputs x, and by how much each example (n,) still moved at the end.

        ``steps`` of each layer, none left out: what an example gives does not depend on the others, nor does its noise.
        """
        outputs, moved = np.empty((len(x), self.sizes[-1]), np.float32), np.empty(len(x), np.float32)
        with self.listening():
            for start in range(0, len(x), _AT_ONCE):
                part = np.ascontiguousarray(x[start : start + _AT_ONCE], np.float32)
                reads = Reads(content_numbers(part))
                found = self.relax(self.drive(part, reads), reads, steps=steps, whole=True)
                outputs[start : start + _AT_ONCE], moved[start : start + _AT_ONCE] = found.states[-1], found.moved
        return outputs, moved


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
