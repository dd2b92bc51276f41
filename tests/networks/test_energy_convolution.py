from dataclasses import replace
from functools import cache
from typing import ClassVar

import naive_energy_convolution as naive
import numpy as np
import pytest
from cases import IDEAL
from differences import descent
from sklearn.datasets import load_digits
from small_networks import identical, whole_and_in_parts

from insitu.chip import Chip
from insitu.devices.base import ReadNoise
from insitu.devices.library import load
from insitu.errors import InputError
from insitu.learning.activity_difference import ActivityDifference
from insitu.networks.energy_classifier import EnergyClassifier
from insitu.networks.energy_convolution import ConvolutionalEnergyNetwork
from insitu.networks.energy_regressor import EnergyRegressor
from insitu.networks.energy_rule import EnergyRule
from insitu.networks.joints import Reads
from insitu.networks.layers import Conv, Dense, Pool
from insitu.networks.twin import float_twin
from insitu.schemes import BlindPulses, Exact, MixedPrecision

X, Y = (part[:240] for part in load_digits(return_X_y=True))
TAOX = load("yi2022-taox").device
NOISY = replace(IDEAL["softbounds"], read_noise=ReadNoise(cv=0.05))
SMALL = (Conv(4, 3, padding=1), Pool(2), Conv(6, 3), Pool(2, how="mean"))
#: pools that overlap, and two layers of convolutions that hold each other
LAYERS = (Conv(2, 2), Pool(2, stride=1), Conv(2, 2), Pool(2, how="mean"), Dense(2))
SHAPES = ((3, 3, 2), (1, 1, 2), (2,))


class InTurn(Exact):
    """Numbers that are asked for changes outer product by outer product."""

    takes: ClassVar = ("factors",)


def rule(mode="centred", beta=0.5, rate=1.0, form=None, **options):
    learning = ActivityDifference(mode=mode, beta=beta, rate=rate, form=form)
    return EnergyRule(
        learning=learning, **{"hidden": "hard", "output": "hard", "steps": 5, "nudged_steps": 2} | options
    )


def model(hidden=SMALL, **options):
    defaults = {"image_shape": (8, 8), "epochs": 1, "batch": 8, "rule": rule(), "test_steps": 5, "random_state": 0}
    return EnergyClassifier(hidden, **defaults | options)


def network(layers, how, comes=(5, 5, 1), scheme=None, **options):
    made_of = float_twin() | ({} if scheme is None else {"scheme": scheme})
    layers = [one if isinstance(one, Pool) else replace(one, **made_of) for one in layers]
    return ConvolutionalEnergyNetwork(comes, layers, how, **{"seed": 1} | options)


def settled(mode="centred", **options):
    """Until nothing moves, of units that are smooth."""
    return rule(mode, steps=40, nudged_steps=40, tolerance=0.0, hidden="tanh", output="tanh", gain=1.0, **options)


def as_they_are(one):
    return [layer.values.astype(float) for layer in one.layers], [float(gain) for gain in one.gains]


def examples(n, features, seed=0):
    return np.random.default_rng(seed).normal(size=(n, features)).astype(np.float32)


# -- against the naive twin --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nudge", [0.0, 0.4])
def test_relaxations_reach_the_equilibrium_of_the_naive_twin(nudge):
    one, x, y = network(LAYERS, settled()), examples(3, 25), np.eye(2, dtype=np.float32)[[0, 1, 0]]
    weights, gains = as_they_are(one)
    reads = Reads(np.arange(3, dtype=np.uint64))
    found = one.relax(one.drive(x, reads), reads, target=y, beta=nudge)
    for k in range(3):
        start = [np.zeros(shape) for shape in SHAPES]
        pairs = naive.joined(LAYERS)
        wanted = naive.equilibrium(
            x[k].reshape(5, 5, 1).astype(float), pairs, weights, gains, np.tanh, start, y[k], nudge, sweeps=25
        )
        for mine, its in zip(found.states, wanted, strict=True):
            np.testing.assert_allclose(mine[k], its.ravel(), atol=2e-6)


ONE_X, ONE_Y = examples(1, 25, seed=3), np.eye(2, dtype=np.float32)[[1]]


def nudged(scheme):
    return network(LAYERS, settled(beta=0.05, form="products"), scheme=scheme)


@cache
def gradient():
    """Weights and gains of a network, and the gradient of its cost by differences, which no scheme has a part in."""
    weights, gains = as_they_are(nudged(Exact()))
    pairs, image = naive.joined(LAYERS), ONE_X[0].reshape(5, 5, 1).astype(float)
    rest = naive.equilibrium(image, pairs, weights, gains, np.tanh, [np.zeros(shape) for shape in SHAPES], sweeps=25)

    def cost():
        out = naive.equilibrium(image, pairs, weights, gains, np.tanh, rest, sweeps=8)[-1]
        return np.sum((out - ONE_Y[0]) ** 2) / 2

    return weights, gains, [descent(cost, w, 1e-4) for w in weights]


@pytest.mark.parametrize("scheme", [Exact(), InTurn()], ids=["matrix", "factors"])
def test_a_small_nudge_changes_weights_by_the_gradient_by_differences(scheme):
    """The change is the rate times the gradient with respect to gain x weight, of the cost where nothing nudges."""
    one, (weights, gains, slopes) = nudged(scheme), gradient()
    for w, array in zip(weights, one.layers, strict=True):
        np.testing.assert_array_equal(array.values, w)
    one.learn(ONE_X, ONE_Y)
    for w, array, gain, slope in zip(weights, one.layers, gains, slopes, strict=True):
        change = gain * (array.values - w)
        assert np.abs(slope).max() > 1e-3
        np.testing.assert_allclose(change, slope, atol=1e-2 * np.abs(slope).max())


@pytest.mark.parametrize("how", ["max", "mean"])
def test_the_energy_falls_at_every_step(how):
    layers = [replace(one, how=how) if isinstance(one, Pool) else one for one in SMALL]
    one = network([*layers, Dense(3)], rule(steps=30, tolerance=0.0), comes=(8, 8, 1))
    energies: list[float] = []
    one.settle((X[:8] / 16).astype(np.float32), energies, whole=True)
    assert (np.diff(energies) < 1e-5).all()
    assert energies[0] > energies[-1] + 1e-4


def test_a_convolution_of_the_whole_image_is_a_dense_layer_bit_for_bit():
    same = [(Conv(6, 8),), (Dense(6),), (6,)]
    found = [
        model(one, device=TAOX, image_shape=(8, 8) if one == same[0] else None).fit(X[:64], Y[:64]) for one in same
    ]
    for other in found[1:]:
        identical(found[0], other)
        np.testing.assert_array_equal(found[0].activities(X[64:80]), other.activities(X[64:80]))
        assert found[0].counts_ == other.counts_


def test_dense_layers_by_name_are_the_fully_connected_network_bit_for_bit():
    found = [
        model(one, rule=None, device=TAOX, image_shape=None).fit(X[:64], Y[:64]) for one in ((9, 8), (Dense(9), 8))
    ]
    identical(*found)


def test_a_pool_of_the_inputs_is_a_smaller_image():
    pooled = X.reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4)).reshape(-1, 16)
    whole = model((Pool(2, how="mean"), Conv(4, 3)), scheme=Exact()).fit(X[:32], Y[:32])
    small = model((Conv(4, 3),), scheme=Exact(), image_shape=(4, 4))
    small.partial_fit(pooled[:1] * 0, Y[:1], classes=np.arange(10))
    x = (pooled[:5] / 16).astype(np.float32)
    small.network_.restore(whole.network_.arrays())
    wanted, _ = small.network_.respond(x)
    np.testing.assert_allclose(whole.network_.respond((X[:5] / 16).astype(np.float32))[0], wanted, atol=1e-6)


# -- counts and noise --------------------------------------------------------------------------------------------------


def test_counts_follow_from_the_positions_and_no_read_is_spent_on_layers_that_nothing_has_reached():
    """One example whose pixels are above 0: 36 positions of 9 + 1 rows, 2 x 2 of 9 x 3 + 1 rows, 2 outputs behind 8 units."""
    how = rule(steps=3, tolerance=0.0, hidden="sigmoid", output="sigmoid")
    made_of = {"device": IDEAL["constant"], "scheme": MixedPrecision()}
    layers = [Conv(2, 3, **made_of), Pool(3, stride=1), Conv(2, 3, **made_of), Dense(2, **made_of)]
    one = ConvolutionalEnergyNetwork((8, 8, 1), layers, how)
    x, reads = np.ones((1, 64), np.float32), Reads(np.zeros(1, np.uint64))
    free = one.relax(one.drive(x, reads), reads)
    inner, out = 4 * (9 * 2 + 1) * 2 * 2, (8 + 1) * 2 * 2
    forward, back = inner + out, 4 * 2 * 18 * 2 + 2 * 8 * 2
    assert one.counts.reads == 36 * 10 * 2 * 2 + 3 * forward + 2 * back
    before = one.counts
    one.relax(one.drive(x, reads), reads, free, steps=1)
    assert one.counts.reads - before.reads == 36 * 10 * 2 * 2 + forward + back
    assert before.digital_ops > 0


def test_every_position_is_read_with_noise_of_its_own():
    """A uniform image: 16 positions that are alike, 3 maps."""
    for device, different in ((NOISY, 48), (IDEAL["softbounds"], 3)):
        made_of = {"device": device, "scheme": MixedPrecision()}
        one = ConvolutionalEnergyNetwork((6, 6, 1), [Conv(3, 3, **made_of), Dense(2, **made_of)], rule())
        sums = one.drive(np.ones((1, 36), np.float32), Reads(np.zeros(1, np.uint64))).sums
        assert len(np.unique(sums)) == different


@pytest.mark.parametrize("chip", [Chip(), Chip(dac_bits=6, adc_bits=8, output_noise=0.01)], ids=["plain", "converters"])
def test_an_answer_depends_on_its_example_alone_and_leaves_no_mark(chip):
    one = model(device=TAOX, chip=chip).fit(X[:40], Y[:40])
    before, counts = one.network_.arrays(), one.counts_
    together = one.activities(X[80:100])
    apart = np.concatenate([one.activities(X[80 + i : 81 + i]) for i in range(20)])
    if chip.adc_bits is None:
        np.testing.assert_allclose(apart, together, atol=1e-5)
    np.testing.assert_array_equal(one.activities(X[80:100]), together)
    assert one.counts_ == counts
    assert one.listening_counts_.reads > 0
    after = one.network_.arrays()
    assert all((after[name] == value).all() for name, value in before.items() if not name.endswith("heard"))


@pytest.mark.parametrize("scheme", [None, BlindPulses()], ids=["matrix", "factors"])
def test_whole_batches_in_any_split_and_a_pickle_on_the_way_change_no_bit(scheme):
    way = {"device": TAOX, "scheme": scheme}
    whole, parts = whole_and_in_parts(lambda: model(**way), X[:48], Y[:48], np.arange(10))
    identical(whole, parts)
    assert whole.counts_ == parts.counts_
    assert whole.counts_.pulses > 0


def test_a_layer_may_have_a_device_a_scheme_and_a_chip_of_its_own():
    chip = Chip(output_noise=0.01)
    hidden = (Conv(4, 3, device=NOISY, scheme=MixedPrecision(), chip=chip), Pool(2), Dense(8, scheme=InTurn()))
    layers = model(hidden, device=TAOX).fit(X[:16], Y[:16]).network_.layers
    assert [layer.device for layer in layers] == [NOISY, TAOX, TAOX]
    assert [type(layer.scheme).__name__ for layer in layers] == ["MixedPrecision", "InTurn", "WriteVerify"]
    assert [layer.chip for layer in layers] == [chip, Chip(), Chip()]


# -- learning ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("device", "scheme"), [(None, Exact()), (TAOX, None)], ids=["numbers", "noisy cells"])
def test_it_reads_digits_by_its_default_rule(device, scheme):
    """Chance is 0.1."""
    X, y = load_digits(return_X_y=True)
    hidden = (Conv(8, 3, padding=1), Pool(2), Conv(16, 3))
    one = model(hidden, device=device, scheme=scheme, epochs=3, rule=None)
    assert one.fit(X[:800], y[:800]).score(X[800:1200], y[800:1200]) > 0.8


def test_numbers_are_learned_from_images():
    X = load_digits().data
    ink = X.sum(axis=1)
    one = EnergyRegressor((Conv(4, 3), Pool(2)), image_shape=(8, 8), scheme=Exact(), epochs=10, batch=8, random_state=0)
    assert one.fit(X[:300], ink[:300]).score(X[300:400], ink[300:400]) > 0.2  # the mean scores 0


# -- bad input ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hidden": (Conv(4, 9),)}, r"layer 1, Conv\(4, 9\): an image of 8 x 8 pixels comes in, .* at least 9 x 9"),
        ({"hidden": (Dense(9), Conv(4, 3))}, r"layer 2, Conv\(4, 3\): 9 units without a place come in, but"),
        ({"image_shape": None}, r"layer 1, Conv\(4, 3\): 64 units without a place .* give image_shape"),
        ({"image_shape": (8, 9)}, r"image_shape: got \(8, 9\), which is 72 pixels, but X has 64 features"),
        ({"hidden": (Dense(16),)}, r"image_shape: got \(8, 8\), but layers of neurons alone see no image"),
        ({"hidden": (16,)}, r"image_shape: got \(8, 8\), but layers of neurons alone see no image"),
        ({"hidden": (Conv(4, 3), "Pool")}, "Dense.units: got 'Pool'"),
        ({"hidden": (Conv(4, 3, device="pcm"),)}, r"array 1, Conv\(4, 3\): device: unknown name 'pcm'"),
        ({"hidden": (Conv(4, 3, scheme="blind"),)}, "scheme: got 'blind'"),
        ({"hidden": (Conv(4000, 3), Dense(2000000))}, "hidden: .* of memory or more"),
        ({"rule": rule(ratios=(1.0,))}, "ratios: got 1; allowed is one for each of the 3 layers"),
        ({"rule": "centred"}, "rule: got 'centred'"),
    ],
)
def test_refuses_in_words(options, message):
    with pytest.raises(InputError, match=message):
        model(**options).fit(X[:20], Y[:20])
