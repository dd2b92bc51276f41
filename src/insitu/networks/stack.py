"""What all networks do with their layers of weights: events at certain examples, pruning, counts, saving."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from insitu.arrays.aging import TIMELESS, require_time
from insitu.arrays.wired import poor_wires
from insitu.errors import InputError, require_between, said_of_idle
from insitu.kernels.lost import raise_lost
from insitu.learning.pruning import Pruning, SoftPruning
from insitu.ledger import Counts
from insitu.schemes.events import ages, carry_out, next_event
from insitu.schemes.weights import Weights

PRUNE_EVERY = 250  #: examples between two looks at which weights have matured; fixed, so that no split changes it


class Stack:
    """The layers of weights of a network, and how many examples it has learned.

    Parameters
    ----------
    layers : inputs first.
    pruning : takes weights out of learning; None is no pruning.

    Attributes
    ----------
    shown : examples learned so far.
    """

    matures_by: ClassVar = "examples"  #: what a schedule of pruning counts

    def __init__(self, layers: Sequence[Weights], pruning: Pruning | None = None) -> None:
        if pruning is not None and (isinstance(pruning, type) or not callable(getattr(pruning, "apply", None))):
            raise InputError(f"pruning: got {pruning!r}; allowed is a pruning, such as SoftPruning()")
        self.layers, self.pruning, self.shown = tuple(layers), pruning, 0
        if isinstance(pruning, SoftPruning):
            for layer in self.layers:
                pruning.require(layer)

    def warm_up(self) -> None:
        """Compile or load now what learning calls, so that the time of training is the time of training."""

    def consolidate(self) -> None:
        """Carry what the least significant cells have learned since the last transfer into the others, which keep it longer:
        what to do before storage. Nothing happens where a weight has no more than one significance, or no transfers, or where
        its parts are of equal rank, see :class:`insitu.schemes.residual.ResidualTransfer`."""
        for layer in self.layers:
            how = layer.scheme.transfer
            if how is not None and len(layer.levels) > 1:
                how.consolidate(layer, self.shown // how.period + 1)

    def age(self, seconds: float) -> None:
        """Let time pass for all cells without learning: they leak and drift as they do while learning.

        Parameters
        ----------
        seconds : s.

        Raises
        ------
        InputError : no cell leaks or drifts, or it is no time.
        """
        require_between("seconds", seconds, 0, 1e18, unit="s", optional=False)
        devices = (array.device for layer in self.layers for array in layer.arrays_of_cells)
        require_time("age", [(type(device).__name__, device) for device in devices])
        for layer in self.layers if seconds else ():
            layer.age(seconds)

    @property
    def next_event(self) -> int:
        """After which example something happens: a transfer, a refresh, a look at the clock or at what has matured."""
        events = [next_event(layer, self.shown) for layer in self.layers]
        if self.pruning is not None:
            events.append((self.shown // PRUNE_EVERY + 1) * PRUNE_EVERY)
        return min(events)

    def advance(self, examples: int, fired: NDArray[np.int64] | None = None) -> None:
        """Count examples as learned, and carry out what is due.

        Parameters
        ----------
        fired : (columns,) by what the weights of each output have matured; None is by the examples.
        """
        raise_lost()
        before, self.shown = self.shown, self.shown + examples
        for layer in self.layers:
            carry_out(layer, before, self.shown)
        if self.pruning is not None and before // PRUNE_EVERY < self.shown // PRUNE_EVERY:
            for layer in self.layers:
                age = np.full(layer.columns, self.shown, np.int64) if fired is None else fired
                self.pruning.apply(layer, age)
        raise_lost()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Count reads as listening, not as learning."""
        with ExitStack() as stack:
            for layer in self.layers:
                stack.enter_context(layer.listening())
            yield

    @contextmanager
    def uncounted(self) -> Iterator[None]:
        """Leave no trace of what is listened to meanwhile, such as for a figure."""
        before = [layer.heard.copy() for layer in self.layers]
        try:
            yield
        finally:
            for layer, heard in zip(self.layers, before, strict=True):
                layer.heard[:] = heard

    @property
    def counts(self) -> Counts:
        """Events of learning so far, of all arrays together."""
        return Counts.of(np.sum([layer.counts for layer in self.layers], axis=0))

    @property
    def heard(self) -> Counts:
        """Events of listening so far."""
        return Counts.of(np.sum([layer.heard for layer in self.layers], axis=0))

    @property
    def clipped_fraction(self) -> float:
        """Of the weights that were charged so far, those that lost a part."""
        charged = sum(Counts.of(one.counts).charges / np.count_nonzero(one.array.map.signs) for one in self.layers)
        return self.counts.clipped / charged if charged else 0.0

    @property
    def cut_fraction(self) -> float:
        """Of the outer products that trains of pulses have formed, those that wanted more than a train has slots for."""
        return self.counts.cut / max(self.counts.trains, 1)

    @property
    def _faulty(self) -> float:
        """Fraction of the weights with a cell that never works, as the device declares it: their writes have to miss."""
        arrays = [array for layer in self.layers for array in layer.arrays_of_cells]
        return max(1 - (1 - array.device.faults.total) ** array.encoding.planes for array in arrays)

    @property
    def hindrances(self) -> list[str]:
        """What the schemes say keeps them from training their layers, what wires do, and pulses that nobody has measured."""
        said = [layer.scheme.warning(layer, self.shown) for layer in self.layers]
        said += [array.beyond for layer in self.layers for array in layer.arrays_of_cells]
        with self.listening():
            said += [poor_wires(array) for layer in self.layers for array in layer.arrays_of_cells]
        return list(dict.fromkeys(sentence for sentence in said if sentence))

    @property
    def warning(self) -> str | None:
        """What to say of writes that failed: weights that lost a part, or were missed by closed loops; None if few."""
        counts = self.counts
        sentences = []
        if self.shown and not counts.pulses and not counts.charges and not any(one.scheme.exact for one in self.layers):
            adds = all(one.scheme.kept for one in self.layers)
            remedy = "learn longer" if adds else "take a scheme that adds changes up, such as MixedPrecision"
            sentences.append(
                f"no pulse was given in {self.shown:,} examples: what was wanted of a weight stayed below what the scheme "
                f"can ask for; raise the rate, or {remedy}"
            )
        if self.clipped_fraction > 1e-3:
            sentences.append(
                f"{_percent(self.clipped_fraction)} % of the weights lost a part when they were written: it is beyond "
                "the range of the devices; change the gain of the more significant part, lower the unit of a weight, or "
                "transfer sooner"
            )
        if self.cut_fraction > 0.2:
            sentences.append(
                f"{_percent(self.cut_fraction)} % of the updates wanted more pulses than a train has slots for, and got "
                "less; lower the rate, or give trains more slots"
            )
        weights = sum(layer.rows * layer.columns for layer in self.layers)
        # of a short training: weights whose cells are stuck are away from their targets from the first on
        if counts.missed > 0.05 * counts.tuned + self._faulty * max(counts.tuned, weights):
            sentences.append(
                f"{_percent(counts.missed / counts.tuned)} % of the closed-loop writes missed their tolerance: the steps of "
                "the device are too coarse for it, or its cells are worn; allow a wider tolerance or more iterations"
            )
        sums = counts.conversions - counts.verify_conversions
        if counts.saturated > 0.01 * sums:
            sentences.append(
                f"{_percent(counts.saturated / sums)} % of the sums were beyond the range of the ADC; raise chip.adc_range, "
                "or leave it out, and it is learned"
            )
        sentences += [*self.hindrances, *filter(None, [self.unpruned])]
        return "; ".join(sentences) or None

    @property
    def timeless(self) -> str | None:
        """Say which option of a chip is about time where none of its cells leaks or drifts; None where there is none."""
        chips = dict.fromkeys(layer.chip for layer in self.layers)
        still = [chip for chip in chips if not any(ages(layer) for layer in self.layers if layer.chip == chip)]
        return next(filter(None, (said_of_idle(chip, TIMELESS, "chip.") for chip in still)), None)

    @property
    def unpruned(self) -> str | None:
        """Say that pruning has taken no weight out of learning, because none has matured; None where it has, or is off."""
        schedule = getattr(self.pruning, "schedule", None)  # one of a user's own need not have one
        if schedule is None or not self.shown or any((one.array.n_live < one.rows).any() for one in self.layers):
            return None
        if schedule.fraction * max(one.rows for one in self.layers) < 1:
            return None
        return (
            f"nothing is pruned so far: weights mature from {schedule.maturity:,} {self.matures_by} on, and a look is taken "
            f"every {PRUNE_EVERY} examples; lower schedule.maturity, or learn longer"
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return a copy of all that learning changed, for a checkpoint."""
        state = {f"{n}.{name}": array for n, layer in enumerate(self.layers) for name, array in layer.arrays().items()}
        return state | {"shown": np.array(self.shown)}

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Put back what :meth:`arrays` returned, into layers made with the same parameters and seed."""
        if "shown" not in arrays:
            raise InputError(f"restore: 'shown' is missing; these are not the arrays of a {type(self).__name__}")
        for n, layer in enumerate(self.layers):
            head = f"{n}."
            layer.restore({k.removeprefix(head): v for k, v in arrays.items() if k.startswith(head)})
        self.shown = int(arrays["shown"])


def _percent(share: float) -> str:
    """Return a share in percent, with two digits."""
    return f"{100 * share:.2g}" if share < 0.995 else "100"
