"""What the estimators share."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, ClassVar, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from insitu.chip import Chip
from insitu.devices.base import Device
from insitu.devices.loading import load, named
from insitu.errors import InputError, require_whole
from insitu.ledger import Counts
from insitu.networks.stack import Stack

N = TypeVar("N", bound=Stack)


class Counted(Generic[N]):
    """An estimator whose network counts its events."""

    network_: N
    chip: Chip | None
    #: options of a chip that do nothing in this network, and why
    chip_idle: ClassVar[dict[str, str]] = {}

    @property
    def counts_(self) -> Counts:
        """Events of learning so far, :class:`insitu.ledger.Counts`."""
        return self._fitted().counts

    @property
    def listening_counts_(self) -> Counts:
        """Events of reading without learning so far: labelling, transform and predict."""
        return self._fitted().heard

    def age(self, seconds: float) -> Self:
        """Let time pass for all cells without learning, and return the estimator: what it predicts now is after storage.

        Cells leak and drift as they do while learning; ``partial_fit`` goes on from where they are then.

        Parameters
        ----------
        seconds : s.

        Raises
        ------
        InputError : the device neither leaks nor drifts, or it is no time.
        """
        self._fitted().age(seconds)
        return self

    def _fitted(self) -> N:
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(self, "network_")
        return self.network_

    def _check(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, Any]:
        """Return features and labels (None without) to learn from, checked; InputError or what scikit-learn raises."""
        from sklearn.utils.multiclass import check_classification_targets

        if y is None:
            return validated(self, X, reset=reset), None
        X, y = validated(self, X, y, reset=reset, least=1e-30)
        check_classification_targets(y)
        return X, y

    def _warn(self) -> None:
        """Warn of writes that failed, if there were more than a few, and of options that did nothing."""
        for sentence in filter(None, (self.network_.warning, self.network_.timeless)):
            warnings.warn(sentence, stacklevel=3)


@contextmanager
def as_it_was(model: Any) -> Iterator[None]:
    """Leave an estimator as it was if what is asked of it within is refused: the next call finds no trace of this one."""
    before = dict(vars(model))
    try:
        yield
    except (ValueError, TypeError):  # of ours, and of scikit-learn
        for name in vars(model).keys() - before.keys():
            delattr(model, name)
        vars(model).update(before)
        raise


def device_or_ideal(device: Device | str | None) -> Device:
    """Return the device, or that of a name; for None tantalum oxide with every imperfection off."""
    return named(device) if device is not None else load("yi2022-taox").without("all")


def checked_labels(y: NDArray[Any], classes: NDArray[Any] | None, given: Any = None) -> NDArray[Any]:
    """Return the known classes: those so far, or those ``given`` at the first call, or those in y.

    Raises
    ------
    InputError : y holds a label that is not among them, or there is one class only.
    """
    from sklearn.utils.multiclass import unique_labels

    if classes is not None and given is not None and not np.array_equal(classes, unique_labels(np.asarray(given))):
        began = f"learning began with {classes.tolist()}"
        raise InputError(f"classes: got {list(given)}, but {began}; leave it out, or give those")
    known = classes if classes is not None else unique_labels(y if given is None else np.asarray(given))
    if len(known) < 2:
        raise InputError("y: holds one class only; there is nothing to tell apart")
    if unknown := set(np.unique(y).tolist()) - set(known.tolist()):
        raise InputError(f"y: label(s) {sorted(unknown)} are not among the classes that were given")
    return known


def as_probabilities(scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return scores (n, classes), shifted where one is negative, made to sum to 1; if all are 0, all are equally likely."""
    found = scores.astype(np.float64)
    found += 1e-30 - np.minimum(found.min(axis=1, keepdims=True), 0.0)
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def validated(model: Any, X: Any, *labels: Any, reset: bool, least: float = 0.0, **checks: Any) -> Any:
    """Return X, or X and its labels, as scikit-learn checks them, numbers only; ``checks`` are more of its options.

    ``least`` is of :func:`require_scale`.

    Raises
    ------
    InputError : X holds dates; labels are of mixed type, which have no order; an option of the chip does nothing.
    """
    from sklearn.utils.validation import validate_data

    if isinstance(model.chip, Chip):
        model.chip.require_effect(model.chip_idle)
    if holds_dates(X):
        raise InputError("X: holds dates; allowed are numbers, such as the days since the first of them")
    try:
        for y in labels:
            np.unique(np.asarray(y, object if isinstance(y, list | tuple) else None))
    except TypeError as error:
        sentence = f"y: labels of mixed type cannot be told apart ({error}); allowed are all numbers or all text"
        raise InputError(sentence) from error
    except ValueError:  # of another kind: scikit-learn says what is wrong
        pass
    found = validate_data(model, X, *labels, reset=reset, dtype="numeric", **checks)
    require_scale("X", found[0] if labels else found, "scale the features", least)
    return found


def require_scale(name: str, values: NDArray[Any], remedy: str, least: float = 1e-30) -> None:
    """Raise InputError where numbers are so large, or all so small, that single precision does not hold their squares."""
    largest = float(np.abs(values).max(initial=0.0))
    if largest > 1e30:
        raise InputError(f"{name}: the largest value is {largest:g}; allowed is at most 1e30, so {remedy}")
    if 0 < largest < least:
        raise InputError(f"{name}: the largest value is {largest:g}; allowed is 0 or at least {least:g}, so {remedy}")


def holds_dates(X: Any) -> bool:
    """Return whether any value is a date or a time, which NumPy would turn into a number in silence."""
    try:
        values = np.asarray(X)
    except ValueError:  # ragged: scikit-learn says what is wrong
        return False
    if values.dtype.kind != "O":
        return values.dtype.kind in "mM"
    return any(isinstance(value, date | timedelta | np.datetime64 | np.timedelta64) for value in values.flat)


def require_layers(hidden: Any, example: str) -> None:
    """Raise InputError unless these are units of hidden layers."""
    if isinstance(hidden, str) or not isinstance(hidden, Sequence):
        raise InputError(f"hidden: got {hidden!r}; allowed is a tuple of whole numbers, such as {example}")
    for units in hidden:
        require_whole("hidden", units, 1)


def unsettled(moving: int, examples: int, remedy: str) -> str | None:
    """Return the sentence that says which fraction did not settle, and what helps; None if all did."""
    share = f"{moving} of {examples} examples ({100 * moving / examples:.1f} %)"
    return f"{share} did not settle; {remedy}" if moving else None


def warn_unsettled(moving: int, examples: int, remedy: str) -> None:
    """Warn with :func:`unsettled`, if there is anything to say."""
    if sentence := unsettled(moving, examples, remedy):
        from sklearn.exceptions import ConvergenceWarning  # for estimators only: recipes do without scikit-learn

        warnings.warn(sentence, ConvergenceWarning, stacklevel=3)
