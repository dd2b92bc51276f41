"""The network that learns in place: its ideal limit, its determinism, its counts."""

import io
import pickle
from dataclasses import replace
from itertools import pairwise

import naive_stack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stack_cases import BOTH, CAPACITOR, PAIR, UNIT, capacitors

from insitu.arrays.closed_loop import ClosedLoop
from insitu.cells import MultiConductance, Significance
from insitu.chip import Chip
from insitu.devices.base import Retention
from insitu.errors import InputError
from insitu.learning.backprop import Neurons
from insitu.ledger import Counts
from insitu.networks.perceptron import Perceptron
from insitu.schemes import BlindPulses, DeterministicTrains, Exact, Transfer

once = settings(derandomize=True, deadline=None, max_examples=12, database=None)
SIZES = (10, 8, 7, 6, 4)
RNG = np.random.default_rng(1)
IMAGES = (RNG.random((300, 10)) * (RNG.random((300, 10)) < 0.7)).astype(np.float32)
LABELS = (IMAGES[:, :5].sum(axis=1) > IMAGES[:, 5:].sum(axis=1)) + 2 * (
    IMAGES[:, 0] > 0.4
)  # four classes, to be learned

OFTEN = Transfer(every=50, closed_loop=ClosedLoop(tolerance=None), charge_cv=None)


def sizes(layers):
    return (*SIZES[:layers], 4)


def network(cell, scheme, chip=None, layers=2, neurons=None, seed=6):
    return Perceptron(
        None, sizes(layers), neurons=neurons or Neurons(), scheme=scheme, encoding=cell, chip=chip, seed=seed
    )


def identical(one, other):
    for name, value in one.arrays().items():
        np.testing.assert_array_equal(value, other.arrays()[name], err_msg=name)


# -- the ideal limit is the textbook -----------------------------------------------------------------------------------

NEURONS = {
    "relu": Neurons(),
    "tanh": Neurons(function="tanh"),
    "logistic": Neurons(function="logistic"),
    "lines": Neurons(function="tanh", segments=7, limit=2.0),
    "tanh, squared": Neurons(function="tanh", loss="squared"),
    "logistic, squared": Neurons(function="logistic", loss="squared"),
    "lines, squared": Neurons(function="logistic", segments=4, loss="squared"),
    "identity, squared": Neurons(function="identity", loss="squared"),
}
every_neuron = pytest.mark.parametrize("neurons", NEURONS.values(), ids=NEURONS)


@every_neuron
def test_the_gradient_of_the_textbook_is_the_slope_of_its_loss(neurons):
    """So that the twin is right. With lines f' is the slope of the line: exact away from the ends of the lines."""
    rng = np.random.default_rng(2)
    weights = [rng.normal(size=(n + 1, k)) * 0.7 for n, k in pairwise((10, 5, 4, 3))]
    found = naive_stack.gradient(weights, IMAGES[0], 1, neurons)
    h, checked = 1e-6, 0
    for w, slopes in zip(weights, found, strict=True):
        for at in list(np.ndindex(w.shape))[::7]:
            kept = w[at]
            losses = []
            for w[at] in (kept + h, kept - h):
                losses.append(naive_stack.loss(weights, IMAGES[0].astype(float), 1, neurons))
            w[at] = kept
            assert slopes[at] == pytest.approx((losses[0] - losses[1]) / (2 * h), rel=1e-4, abs=1e-7)
            checked += slopes[at] != 0
    assert checked > 3


def compare(one, neurons, rate=0.05):
    """Learn all images, and assert that the weights are those of stochastic gradient descent in double precision."""
    before = [layer.values.copy() for layer in one.layers]
    expected = naive_stack.sgd(before, IMAGES, LABELS, rate, neurons)
    one.learn(IMAGES, LABELS, rate)
    for layer, start, weights in zip(one.layers, before, expected, strict=True):
        np.testing.assert_allclose(layer.values, weights, rtol=0, atol=2e-5)
        assert np.abs(weights - start).max() > 0.02
    return expected


@pytest.mark.parametrize("often", [None, OFTEN], ids=["no transfer", "transfers"])
@every_neuron
def test_exact_updates_are_plain_stochastic_gradient_descent(neurons, often):
    one = network(capacitors(2), Exact(transfer=often), neurons=neurons)
    loaded = one.counts.charges
    compare(one, neurons)
    assert one.counts.charges - loaded == (6 * loaded if often else 0)  # once to hold the initial weights
    for layer in one.layers:
        assert layer.levels[0].weights.any()  # they are held above


@pytest.mark.parametrize("inversion", ["rows", None])
@pytest.mark.parametrize("layers", [1, 3, pytest.param(4, marks=pytest.mark.slow)])
def test_and_so_they_are_in_any_number_of_layers(layers, inversion):
    often = replace(OFTEN, inversion=inversion, groups=5, offset=0.05)
    one = network(capacitors(3 if inversion else 2), Exact(transfer=often), layers=layers)
    compare(one, Neurons())


def test_a_leak_does_not_undo_exact_updates():
    """The conductances follow the weights before time passes."""
    leaky = replace(CAPACITOR, retention=Retention(tau=1e6, rest=3e-6))
    cell = MultiConductance(parts=(Significance(device=leaky),), unit=UNIT)
    compare(network(cell, Exact(), Chip(aging=30)), Neurons())


def test_responses_are_the_outputs_of_the_textbook():
    for neurons in (Neurons(function="tanh", loss="squared"), Neurons(segments=9)):
        one = network(capacitors(1), Exact(), neurons=neurons)
        weights = compare(one, neurons)
        said = one.respond(IMAGES[:20])
        expected = [naive_stack.outputs(weights, x, neurons)[0][-1] for x in IMAGES[:20].astype(float)]
        np.testing.assert_allclose(said, expected, atol=1e-4)


def test_learning_learns():
    one = network(capacitors(1), Exact())
    first = one.learn(IMAGES, LABELS, 0.05)
    for _ in range(10):
        last = one.learn(IMAGES, LABELS, 0.05)
    assert last > 250 > first
    assert (one.respond(IMAGES).argmax(axis=1) == LABELS).sum() > 250


def test_initial_weights_are_those_of_glorot_whatever_holds_them():
    exactly = BlindPulses(transfer=Transfer(charge_cv=None))
    one, other = network(capacitors(1), Exact()), network(capacitors(3), exactly)
    for layer, same, (n, k) in zip(one.layers, other.layers, ((11, 8), (9, 4)), strict=True):
        assert layer.values.shape == (n, k)
        assert (layer.values[-1] == 0).all()
        assert same.values == pytest.approx(layer.values, abs=1e-4)
        limit = np.sqrt(6 / (n + k))
        assert 0.8 * limit < np.abs(layer.values).max() <= limit
    assert network(capacitors(1), Exact(), seed=7).layers[0].values != pytest.approx(one.layers[0].values)


# -- determinism -------------------------------------------------------------------------------------------------------

LOOSE = ClosedLoop(tolerance=0.1, iterations=3)
WAYS = {
    "both": (BOTH, BlindPulses(
        transfer=Transfer(every=40, groups=4, closed_loop=LOOSE, inversion="rows", offset=0.05, charge_cv=0.01)),
        Chip(aging=30, image_seconds=1e-5)),
    "pair": (PAIR, BlindPulses(transfer=Transfer(refresh=20, closed_loop=LOOSE)), Chip(aging=50)),
    "exact": (capacitors(2), Exact(transfer=OFTEN), None),
}  # fmt: skip
every_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


@every_way
@once
@given(cuts=st.lists(st.integers(0, 300), max_size=6))
def test_any_split_gives_the_same_bits(way, cuts):
    whole, parts = network(*way), network(*way)
    hits = whole.learn(IMAGES, LABELS, 0.05)
    assert hits == sum(parts.learn(IMAGES[a:b], LABELS[a:b], 0.05) for a, b in pairwise([0, *sorted(cuts), 300]))
    identical(whole, parts)
    assert (whole.counts.charges > 0) == (way[0] is not PAIR)  # weights were transferred
    assert (whole.counts.resets > 0) == (not way[1].exact)  # pairs were RESET on the way


@every_way
@pytest.mark.parametrize(("through", "stop"), [("arrays", 0), ("arrays", 37), ("arrays", 120), ("pickle", 120)])
def test_stop_and_resume_give_the_same_bits(way, through, stop):
    """In the middle of an interval, or at its end."""
    whole, stopped = network(*way), network(*way)
    whole.learn(IMAGES, LABELS, 0.05)
    stopped.learn(IMAGES[:stop], LABELS[:stop], 0.05)
    if through == "arrays":
        file = io.BytesIO()
        np.savez(file, **stopped.arrays())
        file.seek(0)
        resumed = network(*way)
        resumed.restore(dict(np.load(file, allow_pickle=False)))
    else:
        resumed = pickle.loads(pickle.dumps(stopped))
    stopped.learn(IMAGES[:9], LABELS[:9], 0.05)  # what has been saved does not hear of it
    resumed.learn(IMAGES[stop:], LABELS[stop:], 0.05)
    identical(whole, resumed)
    assert resumed.counts == whole.counts
    assert resumed.shown == 300


@every_way
def test_a_response_depends_on_the_image_alone_and_leaves_no_mark(way):
    one = network(*way)
    one.learn(IMAGES[:60], LABELS[:60], 0.05)
    before = one.arrays()
    together = one.respond(IMAGES)
    order = np.random.default_rng(0).permutation(300)
    assert (one.respond(IMAGES[order]) == together[order]).all()
    assert (np.concatenate([one.respond(IMAGES[a : a + 7]) for a in range(0, 300, 7)]) == together).all()
    assert together.sum(axis=1) == pytest.approx(np.ones(300), abs=1e-5)
    assert all((value == before[name]).all() for name, value in one.arrays().items() if not name.endswith("heard"))


def test_a_scale_is_a_factor_of_the_images_and_their_type_does_not_matter():
    coded = np.round(IMAGES * 255).astype(np.uint8)
    said = []
    for shown, scale in ((coded, 1 / 255), (coded.astype(np.float64), 1 / 255), (coded * np.float32(1 / 255), 1.0)):
        one = network(capacitors(1), Exact())
        one.learn(shown, LABELS.astype(np.uint8), 0.05, scale)
        said.append(one.respond(shown, scale))
    assert (said[0] == said[1]).all()
    assert said[0] == pytest.approx(said[2], abs=1e-6)


@every_way
def test_every_cell_that_is_pulsed_stays_in_its_range(way):
    one = network(*way)
    one.learn(IMAGES, LABELS, 0.05)
    for level in (level for layer in one.layers for level in layer.levels):
        low, high = np.broadcast_to(level.cell[:2], (2, *level.g.shape))
        sound = level._fault == 3
        assert (level.g <= high)[sound].all()
        floor = low if level.device.retention.nu is None else 0.5 * low  # drift is not a pulse
        assert (level.g >= floor)[sound].all()
        assert level.counts[:2].sum() == level.writes.sum()


# -- counts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("function", "twice"), [("logistic", 1), ("tanh", 2)])
def test_counts_are_those_of_a_calculation_by_hand(function, twice):
    """Three inputs of which two are driven, two hidden neurons, two outputs; four devices a weight.

    What has two signs is applied in two parts: all errors, which add up to nothing, and the activities of a hidden tanh.
    """
    one = Perceptron(None, (3, 2, 2), neurons=Neurons(function=function), scheme=Exact(), encoding=capacitors(2))
    x = np.array([[1.0, 0.0, 2.0]])
    assert (x @ one.layers[0].values[:3]).min() < 0  # what a tanh makes of it is negative

    def reads(start):
        seen = [Counts.of(layer.counts) - before for layer, before in zip(one.layers, start, strict=True)]
        assert not any(counts.pulses for counts in seen)
        return [(counts.reads, counts.row_drives, counts.conversions, counts.products) for counts in seen]

    def both(*counts):
        return tuple(map(sum, zip(*counts, strict=True)))

    first = (3 * 2 * 4, 3, 2, 1)  # two inputs and the bias
    hidden = (3 * 2 * 4, 3, twice * 2, twice)
    back = (2 * 2 * 4, 2, 2 * 2, 2)  # no bias
    loaded = [Counts.of(layer.counts) for layer in one.layers]
    one.learn(x, np.array([1]), 0.1)
    assert reads(loaded) == [first, both(hidden, back)]
    start = [Counts.of(layer.counts) for layer in one.layers]
    one.learn(np.zeros((5, 3)), np.zeros(5, int), 0.1)
    assert reads(start)[0] == (5 * 8, 5, 10, 5)  # the bias line alone
    one.respond(x)
    heard = one.heard
    assert (heard.reads, heard.row_drives, heard.conversions, heard.products) == both(first, hidden)


def test_pulses_are_those_of_a_calculation_by_hand():
    """One weight, identity, squared error: x = 1, z = w, d = 0.52 (1 - w); both devices of a pair move."""
    scheme = BlindPulses(trains=DeterministicTrains(x_levels=2, delta_levels=100))
    neurons = Neurons(function="identity", loss="squared")
    one = Perceptron(None, (1, 1), neurons=neurons, scheme=scheme, encoding=capacitors(1))
    low = one.layers[0].array
    low.set_weights(np.zeros((2, 1)))
    step = 2 * CAPACITOR.step_up / (UNIT * (CAPACITOR.g_max - CAPACITOR.g_min))
    one.learn(np.ones((1, 1)), np.zeros(1, int), 0.52)
    firings = 2 * round(0.52 / (2 * step))  # two firings of the row and of the bias line
    assert low.writes.ravel().tolist() == [firings] * 4
    assert low.weights.ravel() == pytest.approx([firings * step] * 2, rel=1e-4)
    assert low.counts[:2].tolist() == [2 * firings] * 2


def test_stochastic_pulses_learn_like_exact_updates_on_average():
    """Means over seeds of the trains, to five standard errors: the slots are many, the steps small."""
    start = network(capacitors(1), Exact(), layers=1)
    exact = start.layers[0].values.copy()
    start.learn(IMAGES[:1], LABELS[:1], 0.05)
    wanted = start.layers[0].values - exact
    one = network(capacitors(1), BlindPulses(), layers=1)
    origin, moved = one.arrays(), []
    for number in range(400):
        one.restore(origin)
        one.shown = number
        one.learn(IMAGES[:1], LABELS[:1], 0.05)
        moved.append(one.layers[0].values - origin["0.0.weights"])
    moved = np.array(moved)
    error = moved.std(axis=0) / np.sqrt(400)
    assert (np.abs(moved.mean(axis=0) - wanted) <= 5 * error + 1e-6).all()
    assert (moved.std(axis=0) > 0).any()


def made_of(sizes, device=CAPACITOR, **options):
    return Perceptron(device, sizes, **{"neurons": Neurons(), "scheme": Exact()} | options)


# -- refusals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda one: one.learn(IMAGES[:, :9], LABELS, 0.1), r"images: got shape \(300, 9\); allowed is \(n, 10\)"),
        (lambda one: one.respond(IMAGES[0]), "images: got shape"),
        (lambda one: one.learn(IMAGES, LABELS[:299], 0.1), "labels: allowed are 300 whole numbers from 0 to 3"),
        (lambda one: one.learn(IMAGES, LABELS + 1, 0.1), "labels"),
        (lambda one: one.learn(IMAGES, LABELS - 1, 0.1), "labels"),
        (lambda one: one.learn(IMAGES, LABELS * 1.0, 0.1), "labels"),
        (lambda one: one.restore({}), "restore: "),
        (lambda one: one.restore({k: v for k, v in one.arrays().items() if k != "shown"}), "'shown' is missing"),
        (lambda _: made_of((10,)), "layers: got .*at least the inputs and"),
        (lambda _: made_of((10, 0, 4)), "layers: got 0"),
        (lambda _: made_of((10, 4), neurons="relu"), "neurons: got 'relu'"),
        (lambda _: made_of((10, 4), feedback="random"), "feedback: got 'random'"),
        (lambda _: made_of((10, 4), scheme="olt"), "scheme: got 'olt'"),
        (lambda _: made_of((10, 4), encoding="pair"), "encoding: got 'pair'"),
        (lambda _: made_of((10, 4), device="pcm"), "device: got 'pcm'"),
        (lambda _: made_of((10, 4), chip=1e-6), "chip: got 1e-06"),
    ],
)
def test_refuses_in_one_sentence(call, message):
    one = network(capacitors(1), Exact())
    before = one.arrays()
    with pytest.raises(InputError, match=message) as caught:
        call(one)
    assert "\n" not in str(caught.value)
    assert all((value == before[name]).all() for name, value in one.arrays().items())


def test_no_image_is_no_change():
    one, other = network(*WAYS["both"]), network(*WAYS["both"])
    assert one.learn(IMAGES[:0], LABELS[:0], 0.1) == 0
    assert one.respond(IMAGES[:0]).shape == (0, 4)
    identical(one, other)
