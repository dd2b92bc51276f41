"""The training loop of a stack of crossbars against its slow twin, bit for bit, and against the textbook."""

from itertools import product

import naive_stack
import numpy as np
import pytest
from cases import same
from stack_cases import BOTH, PAIR

from insitu.kernels import perceptron as kernels
from insitu.learning.backprop import DeterministicPulses, Neurons, StochasticPulses
from insitu.learning.open_loop import OpenLoop
from insitu.networks.perceptron import Perceptron

RATE = 4.0
SQUARED = {"loss": "squared", "function": "tanh"}
LINES = {"segments": 5, "limit": 2.0}
NETWORKS = {  # a sum over one column has one order, so that two layers with one output agree bit for bit as well
    "softmax": ((9, 4), BOTH, Neurons()),
    "noisy": ((9, 4), BOTH, Neurons(noise=0.05)),
    "tanh, squared": ((9, 4), PAIR, Neurons(**SQUARED)),
    "two layers": ((9, 5, 1), BOTH, Neurons(**SQUARED)),
    "two layers, segments, noisy": ((9, 5, 1), BOTH, Neurons(**SQUARED, **LINES, noise=0.02)),
    "two layers, relu": ((9, 5, 1), PAIR, Neurons(loss="squared")),
    "three layers, logistic": ((9, 1, 1, 1), PAIR, Neurons(loss="squared", function="logistic")),
}


def shown(n, inputs, classes, seed=1):
    rng = np.random.default_rng(seed)
    images = rng.normal(size=(n, inputs)) * (rng.random((n, inputs)) < 0.6)
    return images.astype(np.float32), rng.integers(0, classes, n)


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
@pytest.mark.parametrize(
    "pulses", [StochasticPulses(slots=7), DeterministicPulses()], ids=["stochastic", "deterministic"]
)
def test_learning_and_responding_are_their_twins(network, pulses):
    sizes, cell, neurons = network
    one = Perceptron(
        sizes, cell, neurons=neurons, method=OpenLoop(pulses=pulses, transfer=None, aging=10**9), seed=2**40
    )
    twins = [naive_stack.Cells(layer.lowest) for layer in one.layers]
    trains = {}
    for twin, layer, beside in zip(twins, one.layers, one.beside, strict=True):
        twin.devices, trains[twin] = layer.planes, one.method.wiring(layer, beside).vector(RATE)
    first = one.shown = 2**32 - 4  # the number of the example passes 32 bits on the way
    images, labels = shown(8, 9, max(2, sizes[-1]))
    labels = labels % sizes[-1]
    hits = one.learn(images, labels, RATE)
    expected = 0
    for m, (image, label) in enumerate(zip(images, labels, strict=True)):
        outputs = naive_stack.example(
            twins, image, label, RATE, neurons, first + m,
            lambda twin, x, d, now=first + m: naive_stack.update(twin, x, d, trains[twin], now),
        )  # fmt: skip
        expected += outputs.argmax() == label
    for layer, twin in zip(one.layers, twins, strict=True):
        same(layer.lowest, twin)
    assert hits == expected
    assert sum(layer.lowest.writes.sum() for layer in one.layers) > 5

    heard = one.respond(images)
    for m, image in enumerate(images):
        y = naive_stack.respond(twins, image, neurons, m)
        np.testing.assert_array_equal(heard[m], y)


@pytest.mark.parametrize("shape", [(1, 1), (3, 130), (40, 17)])
def test_transposed_read_is_a_matrix_product(shape):
    rng = np.random.default_rng(0)
    weights, d = rng.normal(size=shape).astype(np.float32), rng.normal(size=shape[1]).astype(np.float32)
    e = np.empty(shape[0] - 1, np.float32)
    kernels._backward(weights, d, e)
    assert e == pytest.approx(weights[:-1].astype(float) @ d, abs=1e-5)


@pytest.mark.parametrize("limit", [0.5, 100.0])
def test_exact_update_is_its_twin(limit):
    one = Perceptron((9, 4), PAIR, neurons=Neurons(), method=OpenLoop(transfer=None))
    low, rng = one.layers[0].lowest, np.random.default_rng(3)
    x, d = rng.normal(size=10).astype(np.float32), rng.normal(size=4).astype(np.float32)
    x[[2, 5]] = 0
    expected = low.weights.copy()
    for row, column in product(range(10), range(4)):
        if x[row]:
            moved = expected[row, column] + x[row] * d[column]
            expected[row, column] = min(max(moved, -np.float32(limit)), np.float32(limit))
    memory = np.zeros((1, 1), np.float32)
    kernels.update_exact(low.state, x, d, memory, np.array([limit]), 0, low.counts)
    np.testing.assert_array_equal(low.weights, expected)
    assert (low.counts == 0).all()
