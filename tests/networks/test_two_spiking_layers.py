"""Two spiking layers, patches below whole images: the second learns from the spikes of the first, neither from labels."""

import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from insitu import SpikingClassifier, load
from insitu.datasets import load_digits
from insitu.networks.convolutional_spiking import ConvolutionalSpikingClassifier

DIGITS = load_digits()
X, Y = DIGITS.train_images, DIGITS.train_labels
HEIGHT, WIDTH = DIGITS.shape


def _layers(epochs: int = 1, neurons: int = 40):
    cells = load("shi2018-cbram")
    first = ConvolutionalSpikingClassifier(
        16, 12, stride=6, image_shape=(HEIGHT, WIDTH), regions=2, device=cells, decision="vote", random_state=0
    )
    return make_pipeline(
        first,
        FunctionTransformer(np.sqrt),
        SpikingClassifier(neurons, epochs=epochs, device=cells, full_intensity=4.0, random_state=0),
    )


def test_layers_are_a_pipeline_and_labels_move_no_weight_of_either():
    one, other = (_layers().fit(X[:100], labels) for labels in (Y[:100], (Y[:100] + 1) % 10))
    for place in (0, 2):
        weights = [pipeline[place].network_.synapses.values for pipeline in (one, other)]
        assert np.array_equal(*weights)
    assert np.array_equal((one.predict(X[:50]) + 1) % 10, other.predict(X[:50]))


def test_no_epoch_leaves_a_network_as_it_began():
    fresh = SpikingClassifier(10, epochs=0, random_state=0).fit(X[:50], Y[:50])
    learned = SpikingClassifier(10, epochs=1, random_state=0).fit(X[:50], Y[:50])
    assert fresh.counts_.pulses == 0 < learned.counts_.pulses
    assert fresh.predict(X[:5]).shape == (5,)
    of = fresh.network_.synapses
    low, quarter = of.low, (of.high - of.low) / 4
    assert low + quarter <= of.values.min() < of.values.max() <= low + 3 * quarter  # uniform in the middle half
    assert learned.network_.synapses.values.min() < low + quarter


def test_both_layers_that_learn_name_more_than_one_that_does():
    test, labels = DIGITS.test_images, DIGITS.test_labels
    both = _layers(epochs=3, neurons=100).fit(X, Y).score(test, labels)
    without = _layers(epochs=0, neurons=100).set_params(convolutionalspikingclassifier__epochs=0).fit(X, Y)
    assert both > without.score(test, labels) + 0.1
