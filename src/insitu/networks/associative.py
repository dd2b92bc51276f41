"""A memory of patterns in one layer of recurrent binary units, as a scikit-learn estimator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from insitu.arraytypes import Floats
from insitu.cells import Encoding, MultiConductance
from insitu.chip import Chip
from insitu.devices.base import Device
from insitu.errors import InputError, require_between, require_whole
from insitu.networks.estimating import Counted, as_it_was, device_or_ideal, validated, warn_unsettled
from insitu.networks.hopfield import BinaryRule, Settled
from insitu.networks.recurrent import RecurrentNetwork
from insitu.networks.seeding import seed_of
from insitu.schemes import Scheme


class AssociativeMemory(Counted[RecurrentNetwork], BaseEstimator):
    """Rebuilds stored patterns of +1 and -1 from distorted ones (the one-layer network of Yi et al. 2022).

    Learning shows a distorted pattern x, lets the units settle freely to f, holds them at the pattern a, and writes the
    difference: ``dw_ij = rate (a_i a_j - f_i f_j)``, the mean over a batch. It is symmetric and local, and 0 where the
    recall is right.

    Parameters
    ----------
    updates : batches in ``fit``; batch : distorted patterns in each, every pattern equally often.
    rate : in units of weight; it falls linearly to 0 over ``fit`` and stays constant in ``partial_fit``.
    noise : (lowest, highest) probability with which a unit of a training example is flipped.
    rule : how units settle; None is the default of :class:`insitu.networks.hopfield.BinaryRule`.
    device : or the name of one of the library; None is ideal tantalum oxide. encoding : None is a pair of weights -1 to 1.
    scheme : how wanted changes reach the devices; None is write-verify. chip : circuits and time; None is the default.
    initial : (units, units) symmetric initial weights with zero diagonal; None draws them, spread 0.05.
    random_state : an integer seed reproduces every number.

    Attributes
    ----------
    network_ : :class:`insitu.networks.recurrent.RecurrentNetwork`, with ``layer``, the crossbar, and ``errors``, the fraction
        of wrong words in each training batch.
    counts_, listening_counts_ : events of learning and of recall (:class:`insitu.ledger.Counts`).

    Examples
    --------
    >>> from insitu.datasets import braille
    >>> patterns = braille.encode(["turing", "hopper"])
    >>> memory = AssociativeMemory(random_state=0).fit(patterns)
    >>> braille.decode(memory.predict(braille.distort(patterns, 0.1))[1]).strip()
    'hopper'
    """

    chip_idle: ClassVar = {"read_disturb_negative": "nothing is read transposed"}

    def __init__(
        self,
        *,
        updates: int = 400,
        batch: int = 180,
        rate: float = 0.1,
        noise: tuple[float, float] = (0.1, 0.4),
        rule: BinaryRule | None = None,
        device: Device | str | None = None,
        encoding: Encoding | MultiConductance | None = None,
        scheme: Scheme | None = None,
        chip: Chip | None = None,
        initial: NDArray[np.floating] | None = None,
        random_state: Any = None,
    ) -> None:
        self.updates = updates
        self.batch = batch
        self.rate = rate
        self.noise = noise
        self.rule = rule
        self.device = device
        self.encoding = encoding
        self.scheme = scheme
        self.chip = chip
        self.initial = initial
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> AssociativeMemory:
        """Store the patterns X (n, units), from scratch."""
        with as_it_was(self):
            X = self._patterns(X, reset=True)
            self._build(X.shape[1])
            for k in range(self.updates):
                self._learn(X, self.rate * (1 - k / self.updates))
            self._warn()
        return self

    def partial_fit(self, X: Any, y: Any = None, *, updates: int = 1) -> AssociativeMemory:
        """Learn the patterns X (n, units) in some more batches, at a constant rate, from where the memory stands."""
        with as_it_was(self):
            first = not hasattr(self, "network_")
            X = self._patterns(X, reset=first)
            if first:
                self._build(X.shape[1])
            for _ in range(updates):
                self._learn(X, self.rate)
        return self

    def predict(self, X: Any) -> Floats:
        """Return the patterns (n, units) to which distorted ones X settle; warns where some do not."""
        found = self.settle(X)
        remedy = "raise rule.sweeps, or give hysteresis at its end"
        warn_unsettled(int((~found.settled).sum()), len(found.settled), remedy)
        return found.states

    reconstruct = predict

    def settle(self, X: Any, record: list[float] | None = None) -> Settled:
        """Return :class:`insitu.networks.hopfield.Settled` for X; ``record`` gets the mean energy after each sweep."""
        check_is_fitted(self, "network_")
        X = self._patterns(X, reset=False)
        return self.network_.settle(X, record)

    def score(self, X: Any, y: Any) -> float:
        """Return the fraction of X that settles to exactly the pattern y (n, units)."""
        return float((self.predict(X) == np.asarray(y)).all(axis=1).mean())

    # -- pieces ----------------------------------------------------------------------------------------------------

    def _patterns(self, X: Any, *, reset: bool) -> Floats:
        patterns: Floats = validated(self, X, reset=reset).astype(np.float32)
        if not (np.abs(patterns) == 1).all():
            strange = patterns[np.abs(patterns) != 1][0]
            raise InputError(f"X: got a value of {strange:g}; patterns hold +1 and -1 only, for 0 and 1 give 2 * X - 1")
        return patterns

    def _build(self, units: int) -> None:
        require_whole("updates", self.updates, 1)
        require_whole("batch", self.batch, 1)
        require_between("rate", self.rate, 0, 1000, optional=False)
        if not isinstance(self.noise, Sequence) or isinstance(self.noise, str) or len(self.noise) != 2:
            raise InputError(f"noise: got {self.noise!r}; allowed are two probabilities, lowest and highest")
        low, high = self.noise
        require_between("noise", low, 0, 1, optional=False)
        require_between("noise", high, low, 1, optional=False)
        self.network_ = RecurrentNetwork(
            device_or_ideal(self.device),
            units,
            self.rule if self.rule is not None else BinaryRule(),
            scheme=self.scheme,
            encoding=self.encoding,
            chip=self.chip,
            initial=self.initial,
            seed=seed_of(self.random_state),
        )

    def _learn(self, X: Floats, rate: float) -> None:
        self.network_.learn(X, rate, batch=self.batch, noise=self.noise)
