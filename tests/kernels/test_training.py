"""The training loop of a stack of crossbars against its slow twin, bit for bit, and against the textbook."""

import naive_methods
import naive_stack
import numpy as np
import pytest
from cases import same
from naive_cells import Cells
from stack_cases import BOTH, PAIR, QUIET_PCM, capacitors

from insitu.cells import OneSidedPair
from insitu.chip import Chip
from insitu.learning.backprop import FeedbackAlignment, Neurons
from insitu.ledger import Counts
from insitu.networks.perceptron import Perceptron
from insitu.random import content_numbers
from insitu.schemes import BlindPulses, DeterministicTrains, StochasticTrains

RATE = 4.0
SQUARED = {"loss": "squared", "function": "tanh"}
LINES = {"segments": 5, "limit": 2.0}
LOUD = Chip(output_noise=0.05, aging=10**9)
QUIET = Chip(aging=10**9)
NETWORKS = {  # a sum over one column has one order, so that two layers with one output agree bit for bit as well
    "softmax": ((9, 4), BOTH, Neurons(), QUIET),
    "noisy circuits": ((9, 4), BOTH, Neurons(), LOUD),
    "tanh, linear": ((9, 4), PAIR, Neurons(loss="linear", function="tanh"), QUIET),
    "tanh, squared": ((9, 4), PAIR, Neurons(**SQUARED), QUIET),
    "two layers": ((9, 5, 1), BOTH, Neurons(**SQUARED), QUIET),
    "two layers, segments, noisy circuits": ((9, 5, 1), capacitors(1), Neurons(**SQUARED, **LINES), LOUD),
    "two layers, relu": ((9, 5, 1), PAIR, Neurons(loss="squared"), QUIET),
    "three layers, logistic": ((9, 1, 1, 1), PAIR, Neurons(loss="squared", function="logistic"), QUIET),
}
TRAINS = {"stochastic": StochasticTrains(slots=7), "deterministic": DeterministicTrains()}
every_train = pytest.mark.parametrize("trains", TRAINS.values(), ids=TRAINS)


def shown(n, inputs, classes, seed=1):
    rng = np.random.default_rng(seed)
    images = rng.normal(size=(n, inputs)) * (rng.random((n, inputs)) < 0.6)
    return images.astype(np.float32), rng.integers(0, max(2, classes), n) % classes


def twins_of(net):
    """A twin of each layer, and how it is asked for a change."""
    twins = [Cells(layer.array) for layer in net.layers]
    for twin, layer in zip(twins, net.layers, strict=True):
        twin.devices, trains = layer.planes, layer.scheme.trains
        few = (trains.slots,) if isinstance(trains, StochasticTrains) else (trains.x_levels, 1.0, trains.delta_levels)
        twin.trains = (layer.step, *few)
    return twins, lambda twin, x, d, now: naive_methods.blind(twin, x, d, twin.trains, now)


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
@every_train
def test_learning_and_responding_are_their_twins(network, trains):
    sizes, cell, neurons, chip = network
    scheme = BlindPulses(trains=trains, transfer=None)
    net = Perceptron(None, sizes, encoding=cell, neurons=neurons, scheme=scheme, chip=chip, seed=2**40 + 1)
    for layer in net.layers:
        for array in layer.levels:
            array.counts[:] = 0
    (twins, ask), extra = twins_of(net), chip.output_variance
    first = net.shown = 2**32 - 4  # the number of the example passes 32 bits on the way
    images, labels = shown(8, 9, sizes[-1])
    hits, expected = net.learn(images, labels, RATE), 0
    for now, (image, label) in enumerate(zip(images, labels, strict=True), first):
        asked = lambda twin, x, d, now=now: ask(twin, x, d, now)  # noqa: E731
        outputs = naive_stack.example(twins, image, label, RATE, neurons, now, extra, asked)
        expected += outputs.argmax() == label
    for layer, twin in zip(net.layers, twins, strict=True):
        same(layer.array, twin)
        np.testing.assert_allclose(layer.drive, twin.drive, atol=1)  # on the way back sums are right to round-off
    assert hits == expected
    assert sum(layer.array.writes.sum() for layer in net.layers) > 5

    before, numbers = net.counts, content_numbers(images)
    heard = net.respond(images)
    for m, image in enumerate(images):
        y = naive_stack.respond(twins, image, neurons, int(numbers[m]), extra)
        np.testing.assert_array_equal(heard[m], y)
    assert net.counts == before  # listening is counted apart
    assert 8 * len(net.layers) < net.heard.products <= 16 * len(net.layers)  # negative inputs take a read of their own


def test_errors_go_back_through_fixed_numbers_where_they_are_asked_to():
    """Feedback alignment reads no cell on the way back, and multiplies digitally."""
    neurons = Neurons(**SQUARED)
    made = {"neurons": neurons, "scheme": BlindPulses(transfer=None), "encoding": OneSidedPair(w_max=3.0), "seed": 3}
    net = Perceptron(QUIET_PCM, (9, 5, 1), feedback=FeedbackAlignment(), **made)
    twins, ask = twins_of(net)
    images, labels = shown(8, 9, 1)
    net.learn(images, labels, RATE)
    for now, (image, label) in enumerate(zip(images, labels, strict=True)):
        asked = lambda twin, x, d, now=now: ask(twin, x, d, now)  # noqa: E731
        naive_stack.example(twins, image, label, RATE, neurons, now, 0.0, asked, net.feedback)
    for layer, twin in zip(net.layers, twins, strict=True):
        same(layer.array, twin)
    counts = [Counts.of(layer.counts) for layer in net.layers]
    assert [one.digital_ops for one in counts] == [0, 8 * 2 * 5]
    assert [one.products for one in counts] == [8 + (images < 0).any(axis=1).sum(), 16]  # tanh is negative somewhere
    assert net.feedback[1].shape == (5, 1)
