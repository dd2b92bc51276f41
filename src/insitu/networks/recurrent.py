"""One layer of recurrent binary units on a crossbar, which learns patterns from the difference of two activities."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Floats
from insitu.cells import Encoding, MultiConductance
from insitu.chip import Chip
from insitu.datasets.braille import distort
from insitu.devices.base import Device
from insitu.errors import InputError, require_kind
from insitu.learning.activity_difference import Difference, ask_for_recurrent_difference, form_of
from insitu.networks.hopfield import BinaryRule, Settled, recall
from insitu.networks.stack import Stack
from insitu.random import Stream, content_numbers, normal
from insitu.schemes import Scheme, Weights, WriteVerify


class RecurrentNetwork(Stack):
    """Binary units of which each is joined to every other.

    Both cells of a weight, w_ij and w_ji, are on the array, and w_ii takes no pulse.

    Parameters
    ----------
    device : of the crossbar.
    units : how many.
    rule : how they settle.
    scheme : how wanted changes reach the devices; None is write-verify.
    encoding, chip : see :class:`insitu.schemes.Weights`.
    form : how the difference is taken, see :class:`insitu.learning.activity_difference.ActivityDifference`.
    initial : (units, units) symmetric weights with zero diagonal; None draws them, spread 0.05.
    seed : of all random numbers.

    Attributes
    ----------
    layer : the weights. batches : so far; errors : fraction of wrong words in each of them.

    Raises
    ------
    InputError : ``initial`` has no energy to minimise.
    """

    def __init__(
        self,
        device: Device,
        units: int,
        rule: BinaryRule,
        *,
        scheme: Scheme | None = None,
        encoding: Encoding | MultiConductance | None = None,
        chip: Chip | None = None,
        form: Difference | None = None,
        initial: NDArray[np.floating] | None = None,
        seed: int = 0,
    ) -> None:
        require_kind("rule", rule, BinaryRule, "for example BinaryRule()")
        scheme = scheme if scheme is not None else WriteVerify()
        layer = Weights(device, units, units, scheme, form=form_of(scheme), encoding=encoding, chip=chip, seed=seed)
        super().__init__([layer])
        self.rule, self.form, self.seed = rule, form, seed
        self.layer = layer
        layer.put(_first_weights(units, seed) if initial is None else _checked(initial, units))
        layer.freeze(np.eye(units, dtype=bool))
        self.errors: list[float] = []

    @property
    def batches(self) -> int:
        """Batches so far."""
        return len(self.errors)

    def learn(self, patterns: Floats, rate: float, *, batch: int, noise: tuple[float, float]) -> None:
        """Show one batch of distorted patterns (n, units), every pattern equally often, and write the difference.

        ``dw_ij = rate (a_i a_j - f_i f_j)``, the mean over the batch, a the pattern, f where the distorted one settles.

        Parameters
        ----------
        rate : in units of weight. noise : (lowest, highest) probability with which a unit is flipped.
        """
        held = np.tile(patterns, (-(-batch // len(patterns)), 1))
        shown = distort(held, noise, seed=self.seed, batch=self.batches)
        numbers = np.uint64(self.shown) + np.arange(len(held), dtype=np.uint64)
        free = recall(self.layer, shown, self.rule, numbers=numbers, seed=self.seed, time=self.batches + 1).states
        ask_for_recurrent_difference(self.layer, free, held, rate=rate, form=self.form)
        self.errors.append(float((free != held).any(axis=1).mean()))
        self.advance(len(held))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return a copy of all that learning changed, for a checkpoint."""
        return super().arrays() | {"errors": np.array(self.errors, float)}

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Put back what :meth:`arrays` returned, into a network made with the same parameters and seed."""
        if "errors" not in arrays:
            raise InputError("restore: 'errors' is missing; these are not the arrays of a RecurrentNetwork")
        super().restore(arrays)
        self.errors = arrays["errors"].tolist()

    def settle(self, x: Floats, record: list[float] | None = None) -> Settled:
        """Return where patterns x (n, units) settle; ``record`` gets the mean energy after each sweep.

        The noise of the reads of a pattern follows from the pattern alone.
        """
        with self.listening():
            return recall(self.layer, x, self.rule, numbers=content_numbers(x), seed=self.seed, record=record)


def _first_weights(units: int, seed: int) -> NDArray[np.float64]:
    z = normal(seed, Stream.WEIGHTS, units * units).reshape(units, units)
    start: NDArray[np.float64] = 0.05 * (z + z.T) / np.sqrt(2)
    np.fill_diagonal(start, 0)
    return start


def _checked(initial: NDArray[np.floating], units: int) -> NDArray[np.float64]:
    try:
        start = np.asarray(initial, float)
    except (TypeError, ValueError) as error:
        raise InputError(f"initial: got {initial!r}; allowed are numbers of shape ({units}, {units})") from error
    if start.shape != (units, units) or not np.array_equal(start, start.T) or np.diag(start).any():
        raise InputError(
            f"initial: weights of shape {start.shape}; allowed are symmetric ones with zero diagonal, "
            f"({units}, {units}), else there is no energy to minimise; give (w + w.T) / 2 without its diagonal"
        )
    return start
