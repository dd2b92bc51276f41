"""What estimators of spiking networks share."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from insitu.arrays import Budget
from insitu.cells import Encoding, MultiConductance
from insitu.cells.levels import check_encoding
from insitu.devices.base import Device
from insitu.devices.loading import named
from insitu.networks.estimating import Counted, as_it_was, checked_labels
from insitu.networks.inputs import InputMap, PopulationCode
from insitu.networks.readout import ClassReadout
from insitu.networks.seeding import seed_of
from insitu.networks.spiking import SpikingNetwork, SpikingRule
from insitu.random import permutation
from insitu.schemes import Scheme

N = TypeVar("N", bound=SpikingNetwork)

_CLIPPED = 1e-3  #: fraction of the input values of which nothing is said


class SpikingEstimator(
    Counted[N], ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClassifierMixin, BaseEstimator, ABC
):
    """A network that learns without labels, and whose neurons are named by those of the images afterwards."""

    epochs: int
    device: Device | str | None
    encoding: Encoding | MultiConductance | None
    scheme: Scheme | None
    budget: Budget | None
    random_state: Any
    inputs_: InputMap | PopulationCode
    classes_: NDArray[Any]
    readout_: ClassReadout

    chip_idle: ClassVar = {
        **dict.fromkeys(("dac_bits", "signed_dac"), "inputs are driven in full or not at all"),
        "read_disturb_negative": "nothing is read transposed",
    }
    _values: ClassVar = "input values"  #: what X holds, in words

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn from images X (n, features) without labels, from scratch; then, if y (n,) is given, label the neurons."""
        with as_it_was(self):
            X, y = self._check(X, y, reset=True)
            classes = None if y is None else checked_labels(y, None)
            self._build(X)
            images = self._intensities(X)
            self._look(images)
            for epoch in range(self.epochs):
                self._learn(images[permutation(self.network_.synapses.seed, len(images), epoch)])
            self._warn()
            if classes is not None:
                self.classes_ = classes
                self._label(images, y)
        return self

    def partial_fit(self, X: Any, y: Any = None, classes: Any = None) -> Self:
        """Learn from X once, in the given order, and add the labels y to what the neurons stand for.

        ``classes`` lists all labels at the first call, if that call does not hold each of them. How features become inputs is
        decided by the first call.
        """
        with as_it_was(self):
            first = not hasattr(self, "network_")
            X, y = self._check(X, y, reset=first)
            known = None if first else getattr(self, "classes_", None)
            if y is not None:
                known = checked_labels(y, known, classes)
            elif classes is not None and known is None:
                known = checked_labels(np.asarray(classes), None)
            if first:
                self._build(X)
            if known is not None:
                self.classes_ = known
            images = self._intensities(X)
            self._look(images)
            self._learn(images)
            if y is not None:
                self._label(images, y)
            self._warn()
        return self

    def label(self, X: Any, y: Any, classes: Any = None) -> Self:
        """Name the neurons by the labels y (n,) of X (n, features), without learning; what they stood for is forgotten.

        For a network that has learned without labels, and for one whose cells have changed since it was labelled: they
        drifted or failed, or it has learned on. ``classes`` lists all labels, if y does not hold each of them.

        Raises
        ------
        NotFittedError : it has not learned. InputError : y holds one class only, or one that is not among ``classes``.
        """
        with as_it_was(self):
            check_is_fitted(self, "network_")
            X, y = self._check(X, y, reset=False)
            known = checked_labels(y, None, classes)
            self._check_decision()
            self._forget()
            self.classes_ = known
            self._label(self._intensities(X), y)
        return self

    # -- pieces ----------------------------------------------------------------------------------------------------

    @abstractmethod
    def _build(self, X: NDArray[Any]) -> None:
        """Make the network from scratch, as the first data X decides it."""

    def _look(self, images: NDArray[np.uint8]) -> None:  # most have nothing to say
        """Warn of images from which nothing can be learned."""

    @abstractmethod
    def _check_decision(self) -> None:
        """Raise InputError unless the readout that is asked for is known."""

    @abstractmethod
    def _learn(self, images: NDArray[np.uint8]) -> None:
        """Let the network learn images in this order."""

    @abstractmethod
    def _label(self, images: NDArray[np.uint8], y: NDArray[Any]) -> None:
        """Add the labels of images to what the neurons stand for."""

    def _forget(self) -> None:
        for name in ("classes_", "readout_", "softmax_"):
            if hasattr(self, name):
                delattr(self, name)

    def _made_of(self, rule: SpikingRule) -> dict[str, Any]:
        """Return the options of a network; without a device, that which takes exactly the steps of the rule."""
        device = named(self.device)
        if device is None and not isinstance(self.encoding, MultiConductance):
            if self.encoding is not None:
                check_encoding(self.encoding)
            device = rule.stdp.ideal_device(self.encoding)
        own = {name: getattr(self, name) for name in ("scheme", "encoding", "chip", "budget")}
        return own | {"device": device, "rule": rule, "seed": seed_of(self.random_state)}

    def _require_readout(self) -> None:
        if not hasattr(self, "readout_"):
            raise NotFittedError(
                f"This {type(self).__name__} has learned without labels and cannot name classes; give y to fit, or use "
                "transform"
            )

    def _intensities(self, X: NDArray[Any]) -> NDArray[np.uint8]:
        """Return the intensities of X, and warn of what does not fit between silent and full rate."""
        inputs = self.inputs_
        if isinstance(inputs, InputMap) and (share := inputs.clipped(X)) > _CLIPPED:
            warnings.warn(
                f"X: {100 * share:.2g} % of the {self._values} are below 0 or above {inputs.full:g}, the full intensity, and "
                "are clipped; shift and scale them, or give full_intensity",
                stacklevel=3,
            )
        return inputs(X)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "network_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = False
        tags.classifier_tags.poor_score = True  # unsupervised: blobs of negative coordinates are silent inputs
        tags.transformer_tags.preserves_dtype = []
        return tags
