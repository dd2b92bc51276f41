from dataclasses import replace
from typing import ClassVar

import naive_convolution as naive
import numpy as np
import pytest
from cases import IDEAL
from differences import descent
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.utils.estimator_checks import check_estimator
from small_networks import identical, whole_and_in_parts
from stack_cases import capacitors

import insitu
from insitu.cells import BitSlices, DifferentialPair
from insitu.chip import Chip
from insitu.devices.base import ReadNoise, Retention
from insitu.devices.library import load
from insitu.errors import InputError
from insitu.learning.backprop import FeedbackAlignment, Neurons
from insitu.networks.convolution import ConvolutionalPerceptron
from insitu.networks.crossbar_classifier import CrossbarClassifier
from insitu.networks.crossbar_regressor import CrossbarRegressor
from insitu.networks.layers import Conv, Dense, Pool
from insitu.networks.patches import fold, unfold
from insitu.networks.perceptron import Perceptron
from insitu.networks.pooling import pool
from insitu.networks.stages import spread_over
from insitu.networks.twin import float_twin
from insitu.random import LISTENING
from insitu.schemes import BlindPulses, Exact, MixedPrecision, TikiTaka

X, Y = (part[:240] for part in load_digits(return_X_y=True))
SMALL = (Conv(4, 3, padding=1), Pool(2), Conv(6, 3), Pool(2, how="mean"))
READING = (Conv(8, 3, padding=1), Pool(2), 32)
NOISY = replace(IDEAL["softbounds"], read_noise=ReadNoise(cv=0.05))
#: another order of everything: a stride, overlapping pools, and what they leave at the edge
LAYERS = (Conv(3, 3, stride=2, padding=1), Pool(2, stride=1), Conv(2, 2), Dense(4), Dense(3))
F = {"tanh": np.tanh, "logistic": lambda z: 1 / (1 + np.exp(-z)), "identity": lambda z: z}


class InTurn(Exact):
    """Numbers that are asked for changes outer product by outer product."""

    takes: ClassVar = ("factors",)


def model(hidden=SMALL, **options):
    defaults = {"image_shape": (8, 8), "epochs": 1, "learning_rate": 0.02, "batch": 8, "random_state": 0}
    return CrossbarClassifier(hidden, **defaults | options)


def network(layers, comes=(7, 6, 2), scheme=None, **options):
    made_of = float_twin() | ({} if scheme is None else {"scheme": scheme})
    layers = [one if isinstance(one, Pool) else replace(one, **made_of) for one in layers]
    return ConvolutionalPerceptron(comes, layers, **{"neurons": Neurons(function="tanh"), "seed": 1} | options)


def examples(n, features, seed=0):
    return np.random.default_rng(seed).normal(size=(n, features)).astype(np.float32)


# -- against the naive twin --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["max", "mean"])
def test_answers_are_those_of_the_naive_twin(how):
    layers = [replace(one, how=how) if isinstance(one, Pool) else one for one in LAYERS]
    one, x = network(layers), examples(5, 84)
    weights = [array.values.astype(float) for array in one.layers]
    wanted = [naive.outputs(v.reshape(7, 6, 2).astype(float), layers, weights, np.tanh, naive.softmax) for v in x]
    np.testing.assert_allclose(one.respond(x), wanted, atol=1e-6)


@pytest.mark.parametrize(
    ("function", "loss", "scheme"),
    [("tanh", "cross-entropy", Exact()), ("logistic", "squared", InTurn()), ("identity", "linear", Exact())],
)
def test_a_change_is_the_rate_times_the_gradient_by_differences(function, loss, scheme):
    neurons = Neurons(function=function, loss=loss)
    one = network(LAYERS, scheme=scheme, neurons=neurons, batch=3)
    x, labels = examples(3, 84), np.array([2, 0, 1])
    weights = [array.values.astype(float) for array in one.layers]
    targets, f = neurons.targets(labels, 3), F[function]
    last = naive.softmax if loss == "cross-entropy" else f

    def cost():
        total = 0.0
        for v, target in zip(x.astype(float), targets, strict=True):
            out = naive.outputs(v.reshape(7, 6, 2), LAYERS, weights, f, last)
            total += -np.sum(target * np.log(out)) if loss == "cross-entropy" else np.sum((target - out) ** 2) / 2
        return total

    one.learn(x, labels, 0.5)
    for w, array in zip(weights, one.layers, strict=True):
        change = (array.values - w) / 0.5
        slope = descent(cost, w, 1e-5)
        assert np.abs(slope).max() > 1e-3
        np.testing.assert_allclose(change, slope, atol=2e-3 * np.abs(slope).max())


def test_dense_layers_alone_are_the_fully_connected_network():
    """To rounding: sums are added in another order."""
    plain = Perceptron(**float_twin(), sizes=(64, 16, 10), neurons=Neurons(), seed=1)
    same = network([Dense(16), Dense(10)], (64,), neurons=Neurons())
    x = (X / 16).astype(np.float32)
    assert plain.learn(x, Y, 0.05) == same.learn(x, Y, 0.05)
    for one, other in zip(plain.layers, same.layers, strict=True):
        np.testing.assert_allclose(one.values, other.values, atol=2e-5)
    for field in ("reads", "conversions", "products", "vectors", "row_drives", "activations"):
        assert getattr(plain.counts, field) == getattr(same.counts, field), field


def test_random_feedback_goes_back_in_place_of_the_weights():
    one, x = network(LAYERS, feedback=FeedbackAlignment(), batch=4), examples(4, 84)
    plain = network(LAYERS, batch=4)
    for each in (one, plain):
        each.learn(x, np.arange(4) % 3, 1e-2)
    np.testing.assert_array_equal(one.layers[-1].values, plain.layers[-1].values)
    assert (one.layers[0].values != plain.layers[0].values).any()
    assert one.counts.reads < plain.counts.reads
    assert one.counts.digital_ops > plain.counts.digital_ops


@pytest.mark.parametrize(("size", "stride", "padding"), [(3, 1, 1), (2, 2, 0), (3, 2, 2), (2, 3, 0)])
def test_folding_is_the_transpose_of_unfolding(size, stride, padding):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 7, 6, 3)).astype(np.float32)
    patches = unfold(x, size, stride, padding)
    other = rng.normal(size=patches.shape).astype(np.float32)
    back = fold(other, x.shape[1:], stride, padding)
    assert np.vdot(patches, other) == pytest.approx(np.vdot(x, back), rel=1e-4)


@pytest.mark.parametrize(
    "neurons", [Neurons(segments=8), Neurons(function="tanh", segments=5), Neurons(function="logistic"), Neurons()]
)
def test_neurons_of_a_batch_are_those_of_the_kernels(neurons):
    """One layer of weights of 1 in front of outputs that are read one by one."""
    z = np.linspace(-5, 5, 41, dtype=np.float32)[:, None]
    found = replace(neurons, loss="squared").put_out(z)[0]
    plain = Perceptron(**float_twin(), sizes=(1, 1), neurons=replace(neurons, loss="squared"), seed=0)
    plain.layers[0].values[:] = [[1.0], [0.0]]
    np.testing.assert_allclose(found, plain.respond(z), atol=1e-6)


# -- counts, noise, time -----------------------------------------------------------------------------------------------


def test_counts_follow_from_the_positions():
    """One example whose pixels are all above 0, one array of 9 + 1 rows at 36 positions, one of 36 + 1 rows."""
    device = {"device": IDEAL["constant"], "encoding": DifferentialPair(), "scheme": MixedPrecision()}
    layers = [Conv(4, 3, **device), Pool(2), Dense(3, **device)]
    one = ConvolutionalPerceptron((8, 8, 1), layers, neurons=Neurons(function="logistic"), seed=0)
    one.learn(np.ones((1, 64), np.float32), np.array([0]), 0.01)
    forward, back = 36 * 10 * 4 * 2 + 37 * 3 * 2, 3 * 36 * 2
    assert one.counts.reads == forward + back
    first, second = one.layers[0].array.counts, one.layers[1].array.counts
    ops = [insitu.Counts.of(of).digital_ops for of in (first, second)]
    products, pools = 2 * 36 * 10 * 4, 9 * 4 * 3
    assert ops[0] >= products + pools
    assert ops[1] >= 2 * 37 * 3
    one.respond(np.ones((2, 64), np.float32))
    assert one.heard.reads == 2 * forward
    assert one.heard.digital_ops == 2 * pools


def test_every_position_is_read_with_noise_of_its_own():
    assert len(set(spread_over(np.arange(5, dtype=np.uint64), 7, 0))) == 35
    of = spread_over(np.array([LISTENING + 3], np.uint64), 2, LISTENING)
    assert of.tolist() == [LISTENING + 6, LISTENING + 7]
    fitted = model(device=NOISY, scheme=MixedPrecision(), learning_rate=0.2).fit(X[:8], Y[:8])
    array = fitted.network_.layers[0]
    with array.listening():
        read = array.read(np.ones((5, 9), np.float32), spread_over(np.zeros(1, np.uint64), 5, 0))
    assert all(len(set(column)) == 5 for column in read.T)


@pytest.mark.parametrize("chip", [Chip(), Chip(dac_bits=6, adc_bits=8, output_noise=0.01)], ids=["plain", "converters"])
def test_an_answer_depends_on_its_example_alone_and_leaves_no_mark(chip):
    one = model(device=NOISY, scheme=MixedPrecision(), chip=chip).fit(X[:80], Y[:80])
    before, counts = one.network_.arrays(), one.counts_
    together = one.predict_proba(X[80:120])
    apart = np.concatenate([one.predict_proba(X[80 + i : 81 + i]) for i in range(40)])
    if chip.adc_bits is None:
        np.testing.assert_allclose(apart, together, atol=1e-6)
    np.testing.assert_array_equal(one.predict_proba(X[80:120]), together)
    assert one.counts_ == counts
    assert one.listening_counts_.reads > 0
    after = one.network_.arrays()
    assert all((after[name] == value).all() for name, value in before.items() if not name.endswith("heard"))


@pytest.mark.parametrize("scheme", [MixedPrecision(), BlindPulses()], ids=["matrix", "factors"])
def test_whole_batches_in_any_split_and_a_pickle_on_the_way_change_no_bit(scheme):
    way = {"device": NOISY, "scheme": scheme, "scale": 1 / 16, "learning_rate": 0.2}
    whole, parts = whole_and_in_parts(lambda: model(**way), X[:80], Y[:80], np.arange(10))
    identical(whole, parts)
    assert whole.counts_ == parts.counts_
    assert whole.counts_.pulses > 0


def test_cells_forget_in_storage():
    leaky = replace(NOISY, retention=Retention(tau=100.0, rest=3e-6))
    one = model(device=leaky, scheme=MixedPrecision()).fit(X[:40], Y[:40])
    before = [layer.values.copy() for layer in one.network_.layers]
    one.age(1e3)
    assert all((layer.values != w).any() for layer, w in zip(one.network_.layers, before, strict=True))


# -- layers of their own -----------------------------------------------------------------------------------------------


def test_a_layer_may_have_a_device_a_scheme_and_a_chip_of_its_own():
    chip = Chip(output_noise=0.01)
    hidden = (Conv(4, 3, device=NOISY, scheme=MixedPrecision(), chip=chip), Pool(2), Dense(8, scheme=InTurn()))
    one = model(hidden, device=IDEAL["constant"], scheme=BlindPulses())
    layers = one.fit(X[:40], Y[:40]).network_.layers
    assert [layer.device for layer in layers] == [NOISY, IDEAL["constant"], IDEAL["constant"]]
    assert [type(layer.scheme) for layer in layers] == [MixedPrecision, InTurn, BlindPulses]
    assert [layer.chip for layer in layers] == [chip, Chip(), Chip()]
    mixed = model((Dense(4, device=NOISY),), image_shape=None).fit(X[:8], Y[:8]).network_.layers
    assert [type(layer.scheme) for layer in mixed] == [BlindPulses, Exact]  # the rest is floating point


def test_no_two_arrays_share_random_numbers_whatever_they_are_made_of():
    """Were they numbered one after the other, the last would have those of a part of the one before it."""
    two = Dense(4, device=NOISY, scheme=TikiTaka())
    parts = Dense(4, encoding=capacitors(2), scheme=BlindPulses())
    one = ConvolutionalPerceptron((9,), [two, parts, two], neurons=Neurons())
    indices = [array.index for layer in one.layers for array in layer.arrays_of_cells]
    assert len(indices) == 6
    assert len(set(indices)) == 6
    assert one.layers[0].index == 0


# -- learning ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "scheme", "bound"),
    [(None, None, 0.85), ("gong2022-om", MixedPrecision(), 0.8), ("gokmen2016-rpu", BlindPulses(), 0.8)],
)
def test_it_reads_digits(name, scheme, bound):
    """Chance is 0.1."""
    device = None if name is None else load(name).device
    one = model(READING, device=device, scheme=scheme, epochs=3, batch=4)
    X, y = load_digits(return_X_y=True)
    assert one.fit(X[:800], y[:800]).score(X[800:1200], y[800:1200]) > bound
    assert one.network_.warning is None


def test_numbers_are_learned_from_images_and_weights_of_examples_count():
    X = load_digits().data
    ink = X.sum(axis=1)
    one = CrossbarRegressor(READING, image_shape=(8, 8), batch=4, epochs=5, learning_rate=0.01, random_state=0)
    assert one.fit(X[:300], ink[:300]).score(X[300:400], ink[300:400]) > 0.4
    twice = clone(one).set_params(learning_rate=0.005).fit(X[:20], ink[:20], sample_weight=np.full(20, 2.0))
    identical(twice, clone(one).fit(X[:20], ink[:20]))


@pytest.mark.slow
def test_the_estimator_contract():
    check_estimator(
        CrossbarClassifier((Dense(16),), batch=2, epochs=20, learning_rate=0.05, random_state=0),
        expected_failed_checks={"check_sample_weight_equivalence_on_dense_data": "a weight is a rate"},
    )


# -- bad input ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hidden": (Conv(4, 9),)}, r"layer 1, Conv\(4, 9\): an image of 8 x 8 pixels comes in, .* at least 9 x 9"),
        ({"hidden": (Pool(2), Pool(2), Pool(3))}, r"layer 3, Pool\(3\): an image of 2 x 2 pixels comes in"),
        (
            {"hidden": (Dense(9), Conv(4, 3))},
            r"layer 2, Conv\(4, 3\): 9 units without a place come in, but",
        ),
        ({"hidden": (16, Pool(2))}, r"layer 2, Pool\(2\): 16 units without a place"),
        (
            {"image_shape": None},
            r"layer 1, Conv\(4, 3\): 64 units without a place .* give image_shape=\(height, width\)",
        ),
        ({"image_shape": (8, 9)}, r"image_shape: got \(8, 9\), which is 72 pixels, but X has 64 features"),
        ({"image_shape": 8}, r"image_shape: got 8; allowed is \(height, width\)"),
        ({"image_shape": (8, 0)}, "image_shape: got 0"),
        ({"batch": 0}, "batch: got 0"),
        ({"hidden": (16,), "image_shape": None}, "batch: got 8, but layers of neurons alone"),
        ({"hidden": (16,), "batch": 1}, r"image_shape: got \(8, 8\), but layers of neurons alone"),
        ({"hidden": (Conv(4, 3), 2.5)}, "Dense.units: got 2.5"),
        ({"hidden": (Conv(4, 3), "Pool")}, "Dense.units: got 'Pool'"),
        ({"hidden": (Conv(4, 3, device="pcm"),)}, r"array 1, Conv\(4, 3\): device: unknown name 'pcm'"),
        ({"hidden": (Conv(4, 3, scheme="blind"),)}, "scheme: got 'blind'"),
        ({"hidden": (Conv(4, 3, encoding="pair"),)}, "encoding: got .pair.; allowed is an encoding"),
        (
            {"device": IDEAL["constant"], "encoding": BitSlices(bits=4)},
            r"array 1, Conv\(4, 3\): encoding: a cell of bit slices",
        ),
        ({"hidden": (Conv(4000, 3), Dense(2000000))}, "hidden: .* of memory or more"),
    ],
)
def test_refuses_in_words(options, message):
    with pytest.raises(InputError, match=message):
        model(**options).fit(X[:20], Y[:20])


def test_a_network_that_leaves_all_bounds_says_by_what():
    straight = {"neurons": Neurons(function="identity", loss="squared"), "scheme": Exact()}
    with pytest.raises(
        InputError, match=r"learning_rate: with it the network left all bounds; lower it, or normalise \("
    ):
        model(hidden=(*READING[:2], Conv(8, 3), Conv(8, 2)), learning_rate=30.0, **straight).fit(X, Y)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Conv(0, 3), "Conv.maps: got 0"),
        (lambda: Conv(4, 2.0), "Conv.size: got 2.0"),
        (lambda: Conv(4, 3, stride=0), "Conv.stride: got 0"),
        (lambda: Conv(4, 3, padding=3), "Conv.padding: got 3; allowed is a whole number from 0 to 2"),
        (lambda: Dense(0), "Dense.units: got 0"),
        (lambda: Pool(0), "Pool.size: got 0"),
        (lambda: Pool(2, stride=0), "Pool.stride: got 0"),
        (lambda: Pool(2, how="maximum"), "Pool.how: got 'maximum'"),
    ],
)
def test_layers_refuse_in_words(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_the_first_of_equal_pixels_is_the_largest():
    counts = np.zeros(30, np.int64)
    x = np.zeros((1, 2, 2, 1), np.float32)
    assert pool(x, Pool(2), counts)[1].ravel().tolist() == [0]


@pytest.mark.parametrize("layers", [[Conv(4, 1)], [Conv(4, 8)], [Conv(3, 3), Conv(4, 1), Dense(8)]], ids=str)
def test_a_patch_may_be_a_pixel_or_the_whole_image(layers):
    x, y = load_digits(return_X_y=True)
    model = CrossbarClassifier(layers, image_shape=(8, 8), epochs=1, random_state=0).fit(x[:40], y[:40])
    assert np.isfinite(model.predict_proba(x[:5])).all()


def test_an_option_of_a_layer_s_chip_that_does_nothing_is_refused():
    x, y = load_digits(return_X_y=True)
    idle = Conv(4, 3, chip=Chip(column_gain=True))
    with pytest.raises(InputError, match=r"chip\.column_gain: has no effect here"):
        CrossbarClassifier([idle], image_shape=(8, 8), random_state=0).fit(x[:40], y[:40])
