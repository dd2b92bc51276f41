from dataclasses import replace

import naive_convolution as naive
import numpy as np
import pytest
from cases import IDEAL
from differences import descent
from sklearn.datasets import load_digits
from small_networks import whole_and_in_parts

from insitu.cells import DifferentialPair
from insitu.chip import Chip
from insitu.devices.base import ReadNoise
from insitu.errors import InputError
from insitu.learning.backprop import FeedbackAlignment, Neurons
from insitu.ledger import Counts
from insitu.networks.convolution import ConvolutionalPerceptron
from insitu.networks.crossbar_classifier import CrossbarClassifier
from insitu.networks.energy_classifier import EnergyClassifier
from insitu.networks.layers import Conv, Dense, Normalise, Pool, Residual, with_weights
from insitu.networks.normalising import normalise, unnormalise
from insitu.networks.twin import float_twin
from insitu.schemes import BlindPulses, MixedPrecision

X, Y = (part[:240] for part in load_digits(return_X_y=True))
NOISY = replace(IDEAL["softbounds"], read_noise=ReadNoise(cv=0.05))
#: a block as it is usual, one that changes the shape, one within one, and one of dense layers
LAYERS = (
    Conv(2, 3, padding=1),
    Residual([Normalise(), Conv(2, 3, padding=1), Conv(2, 3, padding=1, neurons=False)]),
    Residual([Conv(4, 3, stride=2, padding=1), Residual([Conv(4, 1)])], shortcut=Conv(4, 1, stride=2, neurons=False)),
    Normalise(groups=2, neurons=True),
    Pool(2),
    Dense(4),
    Residual([4, Normalise()], neurons=True),
    Dense(3),
)
#: nothing below wants what comes back from the first block, of whose arrays only the first has no other before it
FIRST = (Pool(1), Residual([Conv(2, 3, padding=1)], shortcut=Conv(2, 1)), Normalise(), Dense(3))
#: the smallest with each of both
SMALL = (Conv(4, 3, padding=1), Residual([Normalise(), Conv(4, 3, padding=1, neurons=False)]), Pool(2))


def network(layers, comes=(5, 4, 1), **options):
    layers = [with_weights(one, lambda one: replace(one, **float_twin())) for one in layers]
    return ConvolutionalPerceptron(comes, layers, **{"neurons": Neurons(function="tanh"), "seed": 1} | options)


def model(hidden=SMALL, **options):
    defaults = {"image_shape": (8, 8), "epochs": 1, "learning_rate": 0.02, "batch": 8, "random_state": 0}
    return CrossbarClassifier(hidden, **defaults | options)


def examples(n, features, seed=0):
    return np.random.default_rng(seed).normal(size=(n, features)).astype(np.float32)


# -- against the naive twin --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layers", [LAYERS, FIRST], ids=["all", "first"])
def test_answers_and_changes_are_those_of_the_naive_twin(layers):
    one, x, labels = network(layers, batch=3), examples(3, 20), np.array([2, 0, 1])
    weights = [array.values.astype(float) for array in one.layers]

    def answers():
        return [naive.outputs(v.reshape(5, 4, 1).astype(float), layers, weights, np.tanh, naive.softmax) for v in x]

    def cost():
        return -sum(np.log(out[label]) for out, label in zip(answers(), labels, strict=True))

    np.testing.assert_allclose(one.respond(x), answers(), atol=1e-5)
    one.learn(x, labels, 0.1)
    for w, array in zip(weights, one.layers, strict=True):
        slope = descent(cost, w, 1e-5)
        assert np.abs(slope).max() > 1e-3
        np.testing.assert_allclose((array.values - w) / 0.1, slope, atol=3e-3 * np.abs(slope).max())


@pytest.mark.parametrize("groups", [1, 2])
def test_what_goes_back_through_normalisation_is_its_gradient(groups):
    rng, counts = np.random.default_rng(0), np.zeros(30, np.int64)
    x, along = rng.normal(2, 3, (2, 3, 2, 4)), rng.normal(size=(2, 3, 2, 4))
    y, scale = normalise(x.astype(np.float32), groups, counts)
    parts = y.reshape(2, -1, groups, 4 // groups)
    np.testing.assert_allclose(parts.mean(axis=(1, 3)), 0, atol=1e-6)
    np.testing.assert_allclose(parts.var(axis=(1, 3)), 1, atol=1e-4)
    flat = x.reshape(2, -1)

    def cost():
        return -sum(np.vdot(naive.normalise(v, Normalise(groups=groups)), d) for v, d in zip(x, along, strict=True))

    back = unnormalise(along.astype(np.float32), y, scale, counts)
    np.testing.assert_allclose(back.reshape(2, -1), descent(cost, flat, 1e-5), atol=1e-5)


def test_an_example_of_one_grey_is_normalised_to_nothing():
    y, _ = normalise(np.full((2, 3, 3, 2), 7.0, np.float32), 1, np.zeros(30, np.int64))
    np.testing.assert_array_equal(y, 0)


# -- limits ------------------------------------------------------------------------------------------------------------


def test_around_weights_of_0_a_residual_layer_is_the_identity():
    block = Residual([Normalise(), Conv(4, 3, padding=1), Conv(4, 3, padding=1)])
    plain, deep = (
        network([Conv(4, 3), Dense(3)]),
        network([Conv(4, 3), block, Residual([Pool(1), Conv(4, 1)]), Dense(3)]),
    )
    for one, other in zip(deep.layers, (plain.layers[0], None, None, None, plain.layers[1]), strict=True):
        one.put(np.zeros_like(one.values) if other is None else other.values)
    x = examples(5, 20)
    np.testing.assert_array_equal(deep.respond(x), plain.respond(x))


def test_random_feedback_goes_back_through_both_ways():
    one, plain = (network(LAYERS, feedback=how, batch=4) for how in (FeedbackAlignment(), None))
    for each in (one, plain):
        each.learn(examples(4, 20), np.arange(4) % 3, 1e-2)
    np.testing.assert_array_equal(one.layers[-1].values, plain.layers[-1].values)
    assert (one.layers[0].values != plain.layers[0].values).any()
    assert one.counts.reads < plain.counts.reads


def test_operations_between_arrays_are_counted_with_the_array_below_them():
    """The same network without the block and the addition, at the same shapes, has so many fewer."""
    made_of = {"device": IDEAL["constant"], "encoding": DifferentialPair(), "scheme": MixedPrecision()}
    options = {"neurons": Neurons(function="logistic"), "seed": 0}
    layers = [Conv(4, 3, **made_of), Conv(4, 3, padding=1, **made_of), Dense(3, **made_of)]
    digital = [layers[0], Normalise(groups=2), Residual([layers[1]], neurons=True), layers[2]]
    plain, other = (ConvolutionalPerceptron((8, 8, 1), of, **options) for of in (layers, digital))
    for one in (plain, other):
        one.learn(np.ones((1, 64), np.float32), np.array([0]), 0.0)
        one.respond(np.ones((2, 64), np.float32))
    n, fewer = 36 * 4, [array.counts for array in plain.layers]
    more = [array.counts - of for array, of in zip(other.layers, fewer, strict=True)]
    first, second, third = (Counts.of(of) for of in more)
    assert first.digital_ops == (5 + 7) * n + (3 + 2) * 2  # to mean 0 and variance 1, and back
    assert (second.digital_ops, second.activations) == (2 * n, 2 * n)  # a sum each way, neurons and their slopes
    assert (third.digital_ops, third.activations) == (0, 0)
    assert other.heard.digital_ops - plain.heard.digital_ops == 2 * (5 * n + 3 * 2 + n)
    assert other.counts.reads == plain.counts.reads


# -- bits --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", [MixedPrecision(), BlindPulses()], ids=["matrix", "factors"])
def test_any_split_into_batches_and_a_pickle_on_the_way_change_no_bit(scheme):
    way = {"device": NOISY, "scheme": scheme, "scale": 1 / 16, "learning_rate": 0.2}
    whole, parts = whole_and_in_parts(lambda: model(**way), X[:48], Y[:48], np.arange(10))
    fresh = model(**way).partial_fit(X[48:56], Y[48:56], classes=np.arange(10))
    fresh.network_.restore(parts.network_.arrays())
    for one in (parts, fresh):
        for name, value in whole.network_.arrays().items():
            np.testing.assert_array_equal(value, one.network_.arrays()[name], err_msg=name)
        assert one.counts_ == whole.counts_
    assert whole.counts_.pulses > 0
    together = whole.predict_proba(X[100:110])
    np.testing.assert_array_equal(fresh.predict_proba(X[100:110]), together)
    apart = np.concatenate([parts.predict_proba(X[100 + i : 101 + i]) for i in range(10)])
    np.testing.assert_allclose(apart, together, atol=1e-4)


def test_layers_within_blocks_have_cells_of_their_own():
    chip = Chip(output_noise=0.01)
    inside = [Conv(4, 3, padding=1, scheme=MixedPrecision(), chip=chip), Conv(4, 1, neurons=False)]
    hidden = [Residual(inside, shortcut=Conv(4, 1, device=NOISY))]
    made = model(hidden, device=IDEAL["constant"]).fit(X[:16], Y[:16]).network_.layers
    assert [layer.device for layer in made] == [IDEAL["constant"]] * 2 + [NOISY, IDEAL["constant"]]
    assert [type(layer.scheme) for layer in made] == [MixedPrecision, BlindPulses, BlindPulses, BlindPulses]
    assert [layer.chip for layer in made] == [chip, Chip(), Chip(), Chip()]
    assert len({array.index for layer in made for array in layer.arrays_of_cells}) == 4


# -- learning, and bad input -------------------------------------------------------------------------------------------


def test_a_deep_network_reads_digits():
    """Of eight convolutions; chance is 0.1."""
    blocks = [Residual([Normalise(), Conv(8, 3, padding=1), Conv(8, 3, padding=1, neurons=False)]) for _ in range(3)]
    one = model([Conv(8, 3, padding=1), *blocks, Normalise(neurons=True), Pool(2)], epochs=3, batch=4)
    X, y = load_digits(return_X_y=True)
    assert one.fit(X[:400], y[:400]).score(X[800:1200], y[800:1200]) > 0.75


@pytest.mark.parametrize(
    ("hidden", "message"),
    [
        (
            [Conv(4, 3), Residual([Conv(4, 3)])],
            r"layer 2, Residual\(Conv\): 6 x 6 x 4 maps comes in, but its layers give 4 x 4 x 4 maps, and it wants",
        ),
        (
            [Residual([Conv(4, 1)], shortcut=Pool(2))],
            r"layer 1, Residual\(Conv\): 8 x 8 x 1 maps comes in, 4 x 4 x 1 maps through its shortcut, but its layers",
        ),
        ([Residual([Dense(8)])], r"8 x 8 x 1 maps comes in, but its layers give 8 units"),
        ([Residual([Conv(1, 9)])], r"layer 1, Residual\(Conv\), inside: layer 1, Conv\(1, 9\): an image of 8 x 8"),
        (
            [Residual([Conv(1, 1)], shortcut=Conv(1, 9))],
            r"Residual\(Conv\), shortcut: layer 1, Conv\(1, 9\): an image of 8 x 8",
        ),
        ([Conv(4, 3), Normalise(groups=3)], r"layer 2, Normalise\(groups=3\): 4 maps come in, but it wants as many in"),
        ([Dense(4), Normalise(groups=4)], r"layer 2, Normalise\(groups=4\): 4 numbers come in, one for each group"),
        ([Residual([Conv(1, 1, device="pcm")])], r"array 1, Conv\(1, 1\): device: unknown name 'pcm'"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(hidden, message):
    with pytest.raises(InputError, match=message):
        model(hidden).fit(X[:20], Y[:20])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Residual([]), r"Residual.layers: got \[\]; allowed is a list of layers"),
        (lambda: Residual(Conv(4, 3)), r"Residual.layers: got Conv\(.*; allowed is a list of layers"),
        (lambda: Residual([Conv(4, 3), 2.5]), "Dense.units: got 2.5"),
        (lambda: Residual([4], shortcut=4), "Residual.shortcut: got 4; allowed is a layer"),
        (lambda: Residual([4], neurons="relu"), "Residual.neurons: got 'relu'; allowed are True and False"),
        (lambda: Conv(4, 3, neurons=Neurons()), "Conv.neurons: got an object of Neurons"),
        (lambda: Dense(4, neurons=1), "Dense.neurons: got 1"),
        (lambda: Normalise(groups=0), "Normalise.groups: got 0"),
        (lambda: Normalise(neurons=None), "Normalise.neurons: got None"),
    ],
)
def test_layers_refuse_in_words(make, message):
    with pytest.raises(InputError, match=message):
        make()


@pytest.mark.parametrize("one", [Residual([Conv(1, 1)]), Normalise(), Conv(4, 3, neurons=False)], ids=str)
def test_a_network_of_energy_refuses_them_by_place(one):
    with pytest.raises(InputError, match=r"layer 2, .*: a network of energy has units behind each array"):
        EnergyClassifier([Conv(1, 3), one], image_shape=(8, 8)).fit(X[:20], Y[:20])
