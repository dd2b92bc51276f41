"""The spiking network that learns patches of images, as a scikit-learn estimator."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.exceptions import NotFittedError

from insitu.arrays import Budget
from insitu.cells import Encoding, MultiConductance
from insitu.chip import Chip
from insitu.devices.base import Device
from insitu.errors import InputError, require_between, require_kind, require_whole
from insitu.memory import require_room
from insitu.networks.classifier import SpikingClassifier, device_of
from insitu.networks.estimating import Counted, checked_labels, validated
from insitu.networks.inputs import InputMap
from insitu.networks.layers import image_of
from insitu.networks.places import Places
from insitu.networks.readout import ClassReadout
from insitu.networks.seeding import seed_of
from insitu.networks.softmax_readout import SoftmaxReadout
from insitu.networks.spiking import PoissonInput, SpikingRule, WinnerTakeAll
from insitu.networks.spiking_convolution import SpikingConvolution
from insitu.random import permutation
from insitu.schemes import Scheme

Readout = Literal["bayes", "vote", "softmax"]

_CLIPPED = 1e-3  #: fraction of the input values of which nothing is said


def patch_rule(**options: Any) -> SpikingRule:
    """Return the rule of a network of patches: one output spike a patch, of inputs that fire almost surely where it is white.

    ``options`` take the place of its stdp, input, wta and pruning.
    """
    own: dict[str, Any] = {
        "input": PoissonInput(rate=300.0, presentation_ms=10, window_ms=10),
        "wta": WinnerTakeAll(gain=2.0, reading_gain=2.0, homeostasis=0.1, spikes=1, presentations=4),
    }
    return SpikingRule(**own | options)


class ConvolutionalSpikingClassifier(
    Counted[SpikingConvolution], ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClassifierMixin, BaseEstimator
):
    """Spiking network that learns what patches of images look like, without labels, on an array of memory cells.

    One array of as many columns as there are maps is driven with the patch of one position after the other. At each the
    maps compete as the neurons of :class:`SpikingClassifier` do, the winner's weights take pulses by the same STDP, and
    homeostasis lets all win equally often. The spikes of each map are counted in each region of the image, and a readout
    names the image by these counts. Labels are seen by the readout alone.

    Parameters
    ----------
    maps : columns of the array. size, stride : of a patch, pixels, along both axes, and from one to the next.
    image_shape : (height, width) or (height, width, colours) of an image, as X was before it was made flat, colours last.
    regions : along each axis, of the image, in which spikes are counted apart.
    off : whether each pixel drives a second row, the more, the darker it is.
    blank : patches without a pixel above this part of the full intensity are not shown; None shows all.
    positions : patches of an image that are learned at each showing of it.
    epochs : passes over the data in ``fit``; 0 leaves the network as it was initialised, to hold what it learns against.
    device, encoding, scheme, chip, budget : see :class:`SpikingClassifier`.
    rule : learning, input coding, winner-take-all and pruning; None is :func:`patch_rule`. A presentation is of a patch.
    full_intensity : pixel value that is sent at the full rate; None is the largest in the first data seen.
    decision : "bayes" or "vote", for which each map in each region is a neuron, see
        :class:`insitu.networks.readout.ClassReadout`; "softmax": regression in digital numbers on all counts, which needs
        them all in memory, see :class:`insitu.networks.softmax_readout.SoftmaxReadout`.
    random_state : see :class:`SpikingClassifier`.

    Attributes
    ----------
    network_ : with ``network_.synapses`` (its cells, weights, write counts), ``network_.fired``.
    classes_, readout_, softmax_ : the labels, what each map in each region stands for, and the regression, if asked for.
    counts_, listening_counts_ : events of learning, and of labelling and predicting (:class:`insitu.ledger.Counts`).

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> X, y = load_digits(return_X_y=True)
    >>> model = ConvolutionalSpikingClassifier(20, 4, image_shape=(8, 8), regions=2, random_state=0).fit(X[:500], y[:500])
    >>> model.transform(X[:2]).shape
    (2, 80)
    """

    chip_idle: ClassVar = SpikingClassifier.chip_idle

    def __init__(
        self,
        maps: int = 200,
        size: int = 7,
        *,
        image_shape: tuple[int, ...] | None = None,
        stride: int = 1,
        regions: int = 3,
        off: bool = True,
        blank: float | None = 0.2,
        positions: int = 20,
        epochs: int = 1,
        device: Device | None = None,
        encoding: Encoding | MultiConductance | None = None,
        scheme: Scheme | None = None,
        chip: Chip | None = None,
        rule: SpikingRule | None = None,
        budget: Budget | None = None,
        full_intensity: float | None = None,
        decision: Readout = "softmax",
        random_state: Any = None,
    ) -> None:
        self.maps = maps
        self.size = size
        self.image_shape = image_shape
        self.stride = stride
        self.regions = regions
        self.off = off
        self.blank = blank
        self.positions = positions
        self.epochs = epochs
        self.device = device
        self.encoding = encoding
        self.scheme = scheme
        self.chip = chip
        self.rule = rule
        self.budget = budget
        self.full_intensity = full_intensity
        self.decision = decision
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> ConvolutionalSpikingClassifier:
        """Learn from images X (n, pixels) without labels, from scratch; then, if y (n,) is given, name them by the counts."""
        X, y = self._check(X, y, reset=True)
        classes = None if y is None else checked_labels(y, None)
        self._build(X)
        images = self._intensities(X)
        self._see_something(images)
        for epoch in range(self.epochs):
            self.network_.learn_images(images[permutation(self.network_.synapses.seed, len(images), epoch)])
        self._warn()
        if classes is not None:
            self.classes_ = classes
            self._label(images, y)
        return self

    def partial_fit(self, X: Any, y: Any = None, classes: Any = None) -> ConvolutionalSpikingClassifier:
        """Learn from X once, in the given order, and let the readout learn from the labels y of X.

        ``classes`` lists all labels at the first call, if that call does not hold each of them. The softmax readout goes on
        from where it is, with X alone.
        """
        first = not hasattr(self, "network_")
        X, y = self._check(X, y, reset=first)
        if first:
            self._build(X)
        if y is not None:
            self.classes_ = checked_labels(y, getattr(self, "classes_", None), classes)
        elif classes is not None and not hasattr(self, "classes_"):
            self.classes_ = np.unique(classes)
        images = self._intensities(X)
        self._see_something(images)
        self.network_.learn_images(images)
        if y is not None:
            self._label(images, y)
        self._warn()
        return self

    def transform(self, X: Any) -> NDArray[np.int32]:
        """Return the spike counts (n, regions x regions x maps) for images X (n, pixels), region by region."""
        return self._counted(X).astype(np.int32)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the class (n,) of images X (n, pixels)."""
        found = self.predict_proba(X)
        return np.asarray(self.classes_[found.argmax(axis=1)])

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each class (n, classes): by "bayes", as if spikes were independent, which makes it surer
        than it is right; by "vote", the part of the votes."""
        counts = self._counted(X)
        if not hasattr(self, "readout_"):
            raise NotFittedError(
                "This ConvolutionalSpikingClassifier has learned without labels and cannot name classes; give y to fit, or "
                "use transform"
            )
        return self.probabilities(counts)

    def probabilities(self, counts: NDArray[np.integer], decision: Readout | None = None) -> NDArray[np.float64]:
        """Return the probability of each class (n, classes) for the spike counts of images, as ``transform`` gives them.

        ``decision`` is by which readout; None is that of the estimator.

        Raises
        ------
        InputError : the softmax readout is asked for, but it has not learned.
        """
        how = self._decided(self.decision if decision is None else decision)
        if how != "softmax":
            return self.readout_.probabilities_of(counts, how)
        if not hasattr(self, "softmax_"):
            raise InputError(
                f"decision: got 'softmax', but the network was labelled with {self.decision!r}, which keeps no regression; "
                "give decision='softmax' before fit"
            )
        return self.softmax_.probabilities(counts)

    # -- pieces ----------------------------------------------------------------------------------------------------

    @property
    def _n_features_out(self) -> int:
        return self.network_.pooled

    def _build(self, X: NDArray[Any]) -> None:
        for name in ("classes_", "readout_", "softmax_"):
            if hasattr(self, name):
                delattr(self, name)
        require_whole("epochs", self.epochs, 0)
        require_between("full_intensity", self.full_intensity)
        self._decided(self.decision)
        rule = self.rule if self.rule is not None else patch_rule()
        require_kind("rule", rule, SpikingRule, "for example patch_rule()")
        places = Places(
            _shape(self.image_shape, X.shape[1]), self.size, self.stride, self.regions, self.off, self.blank
        )
        full = float(X.max()) if self.full_intensity is None else float(self.full_intensity)
        if full <= 0 and self.full_intensity is None:
            raise InputError("X: no pixel is above 0, so there is nothing to see; shift the pixels, 0 being black")
        self.inputs_ = InputMap(np.ones(X.shape[1], bool), full)
        self.network_ = SpikingConvolution(
            device_of(self, rule),
            places,
            self.maps,
            rule,
            shown_positions=self.positions,
            scheme=self.scheme,
            encoding=self.encoding,
            chip=self.chip,
            budget=self.budget,
            seed=seed_of(self.random_state),
        )

    def _label(self, images: NDArray[np.uint8], y: NDArray[Any]) -> None:
        network, labels = self.network_, np.searchsorted(self.classes_, y)
        if self.decision == "softmax":
            what = f"decision: the counts of {len(images):,} images, which 'softmax' wants at once,"
            require_room(what, 2 * network.pooled * len(images), "give fewer images, maps or regions")
        counts = network.count_spikes(images)
        known = getattr(self, "readout_", None) or ClassReadout.empty(network.pooled, len(self.classes_))
        self.readout_ = known.add_counts(counts, labels)
        if self.decision == "softmax":
            begun = getattr(self, "softmax_", None)
            if begun is None or begun.blind:  # all counts that it has seen were alike
                begun = SoftmaxReadout.begin(counts, len(self.classes_))
            self.softmax_ = begun.learn(counts, labels, network.synapses.seed)

    def _counted(self, X: Any) -> NDArray[np.uint16]:
        network = self._fitted()
        return network.count_spikes(self._intensities(validated(self, X, reset=False)))

    def _decided(self, decision: Any) -> Any:
        if decision not in get_args(Readout):
            raise InputError(f"decision: got {decision!r}; allowed are {', '.join(get_args(Readout))}")
        return decision

    def _intensities(self, X: NDArray[Any]) -> NDArray[np.uint8]:
        """Return the intensities of X, and warn of what does not fit between silent and full rate."""
        if (share := self.inputs_.clipped(X)) > _CLIPPED:
            warnings.warn(
                f"X: {100 * share:.2g} % of the pixels are below 0 or above {self.inputs_.full:g}, the full intensity, and "
                "are clipped; shift and scale them, or give full_intensity",
                stacklevel=3,
            )
        return self.inputs_(X)

    def _see_something(self, images: NDArray[np.uint8]) -> None:
        """Warn where all patches are blank, and nothing is learned."""
        if not any(self.network_.places.busy(part).any() for part in np.array_split(images, -(-len(images) // 1000))):
            warnings.warn(
                f"X: every patch is blank: no pixel is above {self.blank:g} of {self.inputs_.full:g}, the full intensity, so "
                "nothing is learned; scale X, or give full_intensity, or a lower blank",
                stacklevel=3,
            )

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "network_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = False
        tags.classifier_tags.poor_score = True  # a table of features is no image
        tags.transformer_tags.preserves_dtype = []
        return tags


def _shape(given: Any, pixels: int) -> tuple[int, int, int]:
    """Return (height, width, colours) of images."""
    if given is None:
        raise InputError(
            f"image_shape: is missing, and the {pixels} features of X do not say where they lie; give (height, width), or "
            "(height, width, colours), or take SpikingClassifier for a table"
        )
    return image_of(given, pixels)
