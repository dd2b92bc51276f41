"""The spiking network as a scikit-learn estimator."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from insitu.arrays import Budget
from insitu.cells import Encoding, MultiConductance
from insitu.chip import Chip
from insitu.datasets.scaling import Scaling
from insitu.devices.base import Device
from insitu.errors import InputError, require_between, require_kind, require_whole
from insitu.networks.estimating import validated
from insitu.networks.inputs import Coding, InputMap, PopulationCode, active_pixels
from insitu.networks.readout import ClassReadout, Decision, label_neurons, spike_counts
from insitu.networks.spiking import SpikingNetwork, SpikingRule
from insitu.networks.spiking_estimator import SpikingEstimator
from insitu.schemes import Scheme

_MANY = 64  #: features from which on each is one input, unless asked otherwise


class SpikingClassifier(SpikingEstimator[SpikingNetwork]):
    """Unsupervised spiking network on an array of memory cells (Shi et al. 2018).

    It recognises by sums over the inputs that have spiked, and a few dozen features give too few: each is coded by a
    population of inputs then, see ``coding``.

    Learning never sees labels: ``fit(X)`` works without them, and permuting ``y`` leaves every weight the same bit for
    bit. With labels, the neurons get their classes from the frozen network's response to the training images.

    Parameters
    ----------
    neurons : output neurons.
    epochs : passes over the data in ``fit``; 0 leaves the network as it was initialised, to hold what it learns against.
    device : memory device, or the name of one of the library; None is the ideal device that takes exactly the steps of
        ``rule.stdp``.
    encoding : how devices make a weight; None is one device a weight.
    scheme : how wanted changes reach the devices; None is one pulse a synapse. chip : circuits and time; None is the default.
    rule : learning, input coding, winner-take-all and pruning; None is the default of each.
    budget : cells of the memory; a network that does not fit is refused.
    coding : "intensity": a feature is an input that fires the more, the larger it is. "population": a feature is many inputs
        with tuning curves over its range in the first data seen, see :class:`insitu.networks.inputs.PopulationCode`; the
        three options that follow do nothing then. "auto": populations for fewer than 64 features without a
        ``full_intensity``.
    min_active, threshold : a feature is an input if it exceeds ``threshold`` in more than a fraction ``min_active`` of the
        first data seen. 0 and 0 keep every feature that is ever positive.
    full_intensity : feature value that is sent at the full rate; None is the largest value in the first data seen.
    decision : "bayes" or "vote", see :class:`insitu.networks.readout.ClassReadout`.
    random_state : an integer seed reproduces the run: the same numbers for any number of threads, and the same weights for
        any split into calls of ``partial_fit`` (see insitu.random). What neurons stand for is added up at the end of each
        call, by the weights as they are then.

    Attributes
    ----------
    network_ : the network, with ``network_.synapses`` (its cells, weights, write counts), ``network_.fired``.
    classes_, readout_ : the labels, and what each neuron stands for.
    counts_, listening_counts_ : events of learning, and of labelling and predicting (:class:`insitu.ledger.Counts`).

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> X, y = load_digits(return_X_y=True)
    >>> model = SpikingClassifier(neurons=50, epochs=5, random_state=0).fit(X[:500], y[:500])
    >>> model.transform(X[:2]).shape
    (2, 50)
    """

    def __init__(
        self,
        neurons: int = 500,
        *,
        epochs: int = 3,
        device: Device | str | None = None,
        encoding: Encoding | MultiConductance | None = None,
        scheme: Scheme | None = None,
        chip: Chip | None = None,
        rule: SpikingRule | None = None,
        budget: Budget | None = None,
        coding: Coding = "auto",
        min_active: float = 0.05,
        threshold: float = 0.0,
        full_intensity: float | None = None,
        decision: Decision = "bayes",
        random_state: Any = None,
    ) -> None:
        self.neurons = neurons
        self.epochs = epochs
        self.device = device
        self.encoding = encoding
        self.scheme = scheme
        self.chip = chip
        self.rule = rule
        self.budget = budget
        self.coding = coding
        self.min_active = min_active
        self.threshold = threshold
        self.full_intensity = full_intensity
        self.decision = decision
        self.random_state = random_state

    def transform(self, X: Any) -> NDArray[np.int32]:
        """Return the spike counts (n, neurons) for images X (n, features)."""
        return spike_counts(self._respond(X), self.network_.synapses.columns)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the class (n,) of images X (n, features)."""
        winners = self._named(X)
        return self.classes_[self.readout_.predict(winners, self.decision)]

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each class (n, classes), as :class:`insitu.networks.readout.ClassReadout` has it."""
        winners = self._named(X)
        return self.readout_.probabilities(winners, self.decision)

    # -- pieces ----------------------------------------------------------------------------------------------------

    @property
    def _n_features_out(self) -> int:
        return self.network_.synapses.columns

    def _named(self, X: Any) -> NDArray[np.int32]:
        """Return the winners, of neurons that stand for classes."""
        winners = self._respond(X)
        self._require_readout()
        return winners

    def _build(self, X: NDArray[Any]) -> None:
        require_whole("neurons", self.neurons, 1)
        require_whole("epochs", self.epochs, 0)
        require_between("min_active", self.min_active, 0, 1, optional=False)
        require_between("threshold", self.threshold, optional=False)
        require_between("full_intensity", self.full_intensity)
        self._forget()
        rule = self.rule if self.rule is not None else SpikingRule()
        self.inputs_ = self._coded(X)
        require_kind("rule", rule, SpikingRule, "for example SpikingRule()")
        self._check_decision()
        self.network_ = SpikingNetwork(inputs=self.inputs_.inputs, neurons=self.neurons, **self._made_of(rule))

    def _check_decision(self) -> None:
        if self.decision not in get_args(Decision):
            raise InputError(f"decision: got {self.decision!r}; allowed are {', '.join(get_args(Decision))}")

    def _learn(self, images: NDArray[np.uint8]) -> None:
        self.network_.learn(images)

    def _coded(self, X: NDArray[Any]) -> InputMap | PopulationCode:
        """Return the way from features to inputs, as the first data decides it."""
        if self.coding not in get_args(Coding):
            raise InputError(f"coding: got {self.coding!r}; allowed are {', '.join(get_args(Coding))}")
        few = X.shape[1] < _MANY and self.full_intensity is None
        if self.coding == "population" or (self.coding == "auto" and few):
            return PopulationCode(Scaling.learned(X, each=True), X.shape[1])
        full = float(X.max()) if self.full_intensity is None else float(self.full_intensity)
        return InputMap(active_pixels(X, fraction=self.min_active, threshold=self.threshold), full)

    def _label(self, images: NDArray[np.uint8], y: NDArray[Any]) -> None:
        labels = np.searchsorted(self.classes_, y)
        known = getattr(self, "readout_", None) or ClassReadout.empty(
            self.network_.synapses.columns, len(self.classes_)
        )
        self.readout_ = label_neurons(self.network_, images, labels, known)

    def _respond(self, X: Any) -> NDArray[np.int32]:
        check_is_fitted(self, "network_")
        X = validated(self, X, reset=False)
        return self.network_.respond(self._intensities(X))
