"""Layers of units that relax to a minimum of their energy, and learn from the difference of two relaxations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Floats
from insitu.errors import InputError
from insitu.kernels.threads import one_blas_thread
from insitu.learning.activity_difference import Activities, ask_for_difference, layer_difference
from insitu.learning.pruning import Pruning
from insitu.networks.energy_rule import EnergyRule, default_ratios, first_spreads, first_weights, units_of
from insitu.networks.joints import Joint, Reads, Won
from insitu.networks.stack import Stack
from insitu.networks.units import activate, potential, rest
from insitu.random import LISTENING, content_numbers

_AT_ONCE = 2000  #: examples that settle together
_NUMBERS = 2**19  #: of their patches at a time, so that these stay in the cache from the copy to the product

#: an example whose activities still move by more than this has not settled; read noise moves them by less
RESTLESS = 0.2


@dataclass
class Clamped:
    """What the inputs do, which stay as they are while the rest relaxes.

    Parameters
    ----------
    lines : what they drive rows with. sums : (batch, units) what they give the first layer.
    won : which of it pools let through.
    """

    lines: Floats
    sums: Floats
    won: Won


@dataclass
class Relaxation:
    """Where a relaxation ended.

    Parameters
    ----------
    states : activity of each layer behind the inputs, (batch, units).
    steps : updates of every layer that it took; moved : (batch,) largest change of each example in the last of them.
    won : what the pools between each two layers let through, at last.
    """

    states: list[Floats]
    steps: int
    moved: Floats
    won: list[Won]


class Relaxing(Stack):
    """Layers of graded units; each array between two layers is read forwards by one and transposed by the other.

    ``E = sum Phi(s) - sum_l s_l . gain_l pool(W_l patches(s_(l-1))) - biases``, with ``Phi'`` the inverse of the activation,
    so that a minimum is a fixed point of what is read. Layers are updated one after the other; the drive of the inputs is
    read once.

    Parameters
    ----------
    rule : see :class:`insitu.networks.energy_rule.EnergyRule`.
    joints : the weights between the layers, inputs first.
    pruning : takes weights out of learning by the number of examples; None is no pruning.

    Attributes
    ----------
    sizes : units of each layer, the inputs first. units : activation of each layer behind the inputs.
    folded : whether there are convolutions or pools. Patches make a read dear, so none is spent on layers that nothing new
        has reached: a free relaxation starts from what the inputs alone give, and one that starts where another ended, from
        the outputs, where it is nudged, down.
    """

    def __init__(self, rule: EnergyRule, inputs: int, joints: Sequence[Joint], pruning: Pruning | None) -> None:
        super().__init__([joint.array for joint in joints], pruning)
        self.rule, self.joints, self.units = rule, tuple(joints), units_of(rule, len(joints))
        self.sizes = (inputs, *(joint.units for joint in joints))
        self.folded = any(joint.stage.spots > 1 or joint.above for joint in joints)
        self.ratios = rule.ratios if rule.ratios is not None else default_ratios(rule, len(joints))
        if len(self.ratios) != len(joints):
            raise InputError(f"ratios: got {len(self.ratios)}; allowed is one for each of the {len(joints)} layers")
        for layer, spread in zip(self.layers, first_spreads(rule, len(joints)), strict=True):
            layer.put(first_weights(layer, spread))

    @property
    def gains(self) -> list[np.float32]:
        """Gain of the sums of each layer."""
        return [joint.gain for joint in self.joints]

    # -- relaxing --------------------------------------------------------------------------------------------------

    def relax(
        self,
        drive: Clamped,
        reads: Reads,
        start: Relaxation | None = None,
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
        drive : what the inputs give it, see :meth:`drive`.
        reads : the address of the noise of reads.
        start : where to start from, not changed; None is rest.
        target, beta : the nudge ``beta (target - output)`` on the drive of the outputs, of cost |output - target|^2 / 2.
        held : (batch, outputs) activities at which the outputs are held.
        steps : limit; None is that of the rule.
        record : gets the mean energy after every step.
        whole : take all the steps, so that the result of an example does not depend on the others of the batch.
        """
        from insitu.kernels.settling import largest_move

        begin = self._rest(drive) if start is None else start
        states, won, moved = list(begin.states), list(begin.won), np.zeros_like(begin.moved)
        last = len(states) - 1
        if held is not None:
            states[last] = held
        order = range(last + (held is None))
        if self.folded and start is not None:
            order = order[::-1]
        limit = self.rule.steps if steps is None else steps
        step = 0
        for step in range(1, limit + 1):
            moved[:] = 0
            for place in order:
                if place == 0:
                    u = drive.sums.copy()
                else:
                    u, won[place] = self.joints[place].up(states[place - 1], reads)
                if place < last and not (self.folded and start is None and step == 1):
                    u += self.joints[place + 1].down(states[place + 1], won[place + 1], reads)
                elif place == last and target is not None and beta:
                    u += np.float32(beta) * (target - states[place])
                new = activate(self.units[place], u)
                largest_move(new, states[place], moved)
                states[place] = new
            if record is not None:
                record.append(float(self.energy(drive, states).mean()))
            if not whole and moved.max() <= self.rule.tolerance:
                break
        return Relaxation(states, step, moved, won)

    def _rest(self, drive: Clamped) -> Relaxation:
        n = len(drive.sums)
        states = [rest(u, n, size) for u, size in zip(self.units, self.sizes[1:], strict=True)]
        return Relaxation(states, 0, np.zeros(n, np.float32), [drive.won] + [()] * (len(states) - 1))

    def drive(self, x: Floats, reads: Reads) -> Clamped:
        """Return what the clamped inputs x (batch, inputs) give the first layer: one read for a whole relaxation."""
        lines = self.joints[0].lines(x)
        return Clamped(lines, *self.joints[0].read(lines, reads))

    def energy(self, drive: Clamped, states: list[Floats]) -> NDArray[np.float64]:
        """Return E of each example (batch,) without the clamped inputs' own part; reads nothing from the hardware."""
        total: NDArray[np.float64] = -np.sum(drive.sums * states[0], axis=1, dtype=float)
        for place, (s, kind) in enumerate(zip(states, self.units, strict=True)):
            total += potential(kind, s.astype(float)).sum(axis=1)
            if place:
                total -= np.sum(self.joints[place].exact(states[place - 1]) * s, axis=1, dtype=float)
        return total

    # -- learning --------------------------------------------------------------------------------------------------

    def phases(self, x: Floats, y: Floats) -> tuple[Clamped, list[Relaxation]]:
        """Return what the inputs do, and the relaxations, the free one first; the last two are compared.

        Parameters
        ----------
        x : (batch, inputs). y : (batch, outputs) wanted activities.
        """
        how, steps = self.rule.learning, self.rule.nudged_steps
        reads = Reads(np.uint64(self.shown) + np.arange(len(x), dtype=np.uint64))
        drive = self.drive(x, reads)
        free = self.relax(drive, reads)
        if how.mode == "clamped":
            return drive, [free, self.relax(drive, reads, free, held=y, steps=steps)]
        if how.mode == "coupled":
            out = free.states[-1]
            held = out + np.float32(how.beta) * (y - out)
            return drive, [free, self.relax(drive, reads, free, held=held, steps=steps)]
        second = self.relax(drive, reads, free, target=y, beta=how.beta, steps=steps)
        if how.mode == "nudged":
            return drive, [free, second]
        return drive, [free, self.relax(drive, reads, free, target=y, beta=-how.beta, steps=steps), second]

    def ends(self, place: int, drive: Clamped, found: Relaxation) -> Activities:
        """Return the activities before and behind the weights of a place, once for each position: (batch x spots, lines)."""
        joint = self.joints[place]
        pre = joint.lines(found.states[place - 1]) if place else drive.lines
        return pre, joint.wide(found.states[place], found.won[place])

    def changes(self, x: Floats, y: Floats) -> list[Floats]:
        """Return the wanted change of each layer (rows, columns) before the rate: the gradient of the cost, downhill."""
        drive, (*_, first, second) = self.phases(x, y)
        how, found = self.rule.learning, []
        for place, joint in enumerate(self.joints):
            pair = [self.ends(place, drive, one) for one in (first, second)]
            difference = layer_difference(pair[0], pair[1], form=how.form or "products")
            found.append(np.float32(how.scale * joint.stage.spots) * difference)
        return found

    def learn(self, x: Floats, y: Floats, rate: float | None = None) -> list[Relaxation]:
        """Learn from one batch, see :meth:`phases`; ``rate`` takes the place of that of the rule."""
        how = self.rule.learning
        step = (how.rate if rate is None else rate) * how.scale
        with self._one_thread():
            drive, done = self.phases(x, y)
            for place, (joint, ratio) in enumerate(zip(self.joints, self.ratios, strict=True)):
                before, after = (self.ends(place, drive, one) for one in done[-2:])
                own = step * ratio * joint.stage.spots  # the sum over positions
                ask_for_difference(joint.array, before, after, rate=own, form=how.form)
        self.advance(len(x))
        return done

    @contextmanager
    def _one_thread(self) -> Iterator[None]:
        """Let convolutions have the same bits on any machine: rounding must not decide what pools let through."""
        if not self.folded:
            yield
            return
        with one_blas_thread():
            yield

    def settle(self, x: Floats, record: list[float] | None = None, *, whole: bool = False) -> Relaxation:
        """Return where the network relaxes for inputs x (n, inputs), see :meth:`relax`."""
        with self.listening():
            reads = Reads(content_numbers(x), LISTENING)
            return self.relax(self.drive(x, reads), reads, record=record, whole=whole)

    def respond(self, x: Floats, steps: int | None = None) -> tuple[Floats, Floats]:
        """Return the outputs (n, outputs) for inputs x, and by how much each example (n,) still moved at the end.

        ``steps`` of each layer, none left out: what an example gives does not depend on the others, nor does its noise.
        """
        outputs, moved = np.empty((len(x), self.sizes[-1]), np.float32), np.empty(len(x), np.float32)
        widest = max(joint.stage.spots * joint.stage.rows for joint in self.joints)
        size = max(1, min(_AT_ONCE, _NUMBERS // widest)) if self.folded else _AT_ONCE
        with self.listening(), self._one_thread():
            for begin in range(0, len(x), size):
                part = np.ascontiguousarray(x[begin : begin + size], np.float32)
                reads = Reads(content_numbers(part), LISTENING)
                found = self.relax(self.drive(part, reads), reads, steps=steps, whole=True)
                outputs[begin : begin + size], moved[begin : begin + size] = found.states[-1], found.moved
        return outputs, moved
