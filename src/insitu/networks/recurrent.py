"""One layer of recurrent binary units on a crossbar, which learns patterns from the difference of two activities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from insitu.arrays import Crossbar
from insitu.arrays.periphery import Periphery
from insitu.arrays.writing import WriteVerify, Writing
from insitu.cells import DifferentialPair, Encoding
from insitu.datasets.braille import distort
from insitu.devices.base import Device
from insitu.errors import InputError
from insitu.learning.activity_difference import recurrent_difference
from insitu.networks.hopfield import BinaryRule, Settled, recall
from insitu.networks.units import Floats
from insitu.random import Stream, normal


class RecurrentNetwork:
    """Binary units of which each is joined to every other; both cells of a weight, w_ij and w_ji, are on the array.

    Parameters
    ----------
    device : of the crossbar.
    units : how many.
    rule : how they settle.
    writing : how targets are written; None is write-verify.
    encoding : how devices make a weight; None is a differential pair of weights -1 to 1.
    initial : (units, units) symmetric weights with zero diagonal; None draws them, spread 0.05.
    seed : of all random numbers.

    Attributes
    ----------
    layer : the crossbar with its periphery.
    shown : batches so far; errors : fraction of wrong words in each of them.

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
        writing: Writing | None = None,
        encoding: Encoding | None = None,
        initial: NDArray[np.floating] | None = None,
        seed: int = 0,
    ) -> None:
        encoding = encoding if encoding is not None else DifferentialPair()
        array = Crossbar(device, units, units, encoding=encoding, seed=seed)
        self.rule, self.seed = rule, seed
        self.layer = Periphery(array, writing if writing is not None else WriteVerify())
        self.layer.set_targets(_first_weights(units, seed) if initial is None else _checked(initial, units))
        self.shown = 0
        self.errors: list[float] = []

    def learn(self, patterns: Floats, rate: float, *, batch: int, noise: tuple[float, float]) -> None:
        """Show one batch of distorted patterns (n, units), every pattern equally often, and write the difference.

        ``dw_ij = rate (a_i a_j - f_i f_j)``, the mean over the batch, a the pattern, f where the distorted one settles.

        Parameters
        ----------
        rate : in units of weight. noise : (lowest, highest) probability with which a unit is flipped.
        """
        held = np.tile(patterns, (-(-batch // len(patterns)), 1))
        shown = distort(held, noise, seed=self.seed, batch=self.shown)
        free = recall(self.layer, shown, self.rule, seed=self.seed, time=self.shown + 1).states
        self.errors.append(float((free != held).any(axis=1).mean()))
        self.layer.update(np.float32(rate) * recurrent_difference(free, held), len(held))
        self.shown += 1

    def settle(self, x: Floats, record: list[float] | None = None) -> Settled:
        """Return where patterns x (n, units) settle; ``record`` gets the mean energy after each sweep."""
        return recall(self.layer, x, self.rule, seed=self.seed, record=record)


def _first_weights(units: int, seed: int) -> NDArray[np.float64]:
    z = normal(seed, Stream.WEIGHTS, units * units).reshape(units, units)
    start = 0.05 * (z + z.T) / np.sqrt(2)
    np.fill_diagonal(start, 0)
    return start


def _checked(initial: NDArray[np.floating], units: int) -> NDArray[np.float64]:
    start = np.asarray(initial, float)
    if start.shape != (units, units) or not np.array_equal(start, start.T) or np.diag(start).any():
        raise InputError(
            f"initial: weights of shape {start.shape}; allowed are symmetric ones with zero diagonal, "
            f"({units}, {units}), else there is no energy to minimise; give (w + w.T) / 2 without its diagonal"
        )
    return start
