"""The spiking network that learns patches of images, as a scikit-learn estimator."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from insitu.arrays import Budget
from insitu.cells import Encoding, MultiConductance
from insitu.chip import Chip
from insitu.devices.base import Device
from insitu.errors import InputError, require_between, require_kind, require_whole
from insitu.memory import require_room
from insitu.networks.estimating import validated
from insitu.networks.inputs import InputMap
from insitu.networks.layers import image_of
from insitu.networks.places import Places
from insitu.networks.readout import ClassReadout
from insitu.networks.softmax_readout import SoftmaxReadout
from insitu.networks.spiking import PoissonInput, SpikingRule, WinnerTakeAll
from insitu.networks.spiking_convolution import SpikingConvolution
from insitu.networks.spiking_estimator import SpikingEstimator
from insitu.schemes import Scheme

Readout = Literal["bayes", "vote", "softmax"]


def patch_rule(**options: Any) -> SpikingRule:
    """Return the rule of a network of patches: one output spike a patch, of inputs that fire almost surely where it is white.

    ``options`` take the place of its stdp, input, wta and pruning.
    """
    own: dict[str, Any] = {
        "input": PoissonInput(rate=300.0, presentation_ms=10, window_ms=10),
        "wta": WinnerTakeAll(gain=2.0, reading_gain=2.0, homeostasis=0.1, spikes=1, presentations=4),
    }
    return SpikingRule(**own | options)


class ConvolutionalSpikingClassifier(SpikingEstimator[SpikingConvolution]):
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
        them all in memory, see :class:`insitu.networks.softmax_readout.SoftmaxReadout`; in ``partial_fit`` it goes on from
        where it is, with the data of the call alone.
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

    inputs_: InputMap
    _values: ClassVar = "pixels"

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
        device: Device | str | None = None,
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
        self._require_readout()
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
                "set decision to 'softmax' and label again, see label"
            )
        return self.softmax_.probabilities(counts)

    # -- pieces ----------------------------------------------------------------------------------------------------

    @property
    def _n_features_out(self) -> int:
        return self.network_.pooled

    def _build(self, X: NDArray[Any]) -> None:
        self._forget()
        require_whole("epochs", self.epochs, 0)
        require_between("full_intensity", self.full_intensity)
        self._check_decision()
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
            places=places, maps=self.maps, shown_positions=self.positions, **self._made_of(rule)
        )

    def _learn(self, images: NDArray[np.uint8]) -> None:
        self.network_.learn_images(images)

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

    def _check_decision(self) -> None:
        self._decided(self.decision)

    def _decided(self, decision: Any) -> Any:
        if decision not in get_args(Readout):
            raise InputError(f"decision: got {decision!r}; allowed are {', '.join(get_args(Readout))}")
        return decision

    def _look(self, images: NDArray[np.uint8]) -> None:
        """Warn where all patches are blank, and nothing is learned."""
        if not any(self.network_.places.busy(part).any() for part in np.array_split(images, -(-len(images) // 1000))):
            warnings.warn(
                f"X: every patch is blank: no pixel is above {self.blank:g} of {self.inputs_.full:g}, the full intensity, so "
                "nothing is learned; scale X, or give full_intensity, or a lower blank",
                stacklevel=3,
            )


def _shape(given: Any, pixels: int) -> tuple[int, int, int]:
    """Return (height, width, colours) of images."""
    if given is None:
        raise InputError(
            f"image_shape: is missing, and the {pixels} features of X do not say where they lie; give (height, width), or "
            "(height, width, colours), or take SpikingClassifier for a table"
        )
    return image_of(given, pixels)
