from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from differences import descent

from insitu.devices.library import load
from insitu.errors import InputError
from insitu.learning.activity_difference import ActivityDifference, recurrent_difference
from insitu.networks.energy import EnergyNetwork, EnergyRule
from insitu.networks.energy_rule import first_weights
from insitu.networks.joints import Reads
from insitu.networks.units import activate

TAOX = load("yi2022-taox").device
IDEAL = TAOX.without("all")
SIZES = (5, 6, 4, 3)
RNG = np.random.default_rng(0)
X = RNG.uniform(-1, 1, (8, 5)).astype(np.float32)
Y = np.eye(3, dtype=np.float32)[RNG.integers(0, 3, 8)]


def _rule(mode="clamped", beta=0.5, **options):
    learning = ActivityDifference(mode=mode, beta=beta)
    return EnergyRule(learning=learning, **{"steps": 400, "tolerance": 0.0, "hidden": "tanh", "gain": 1.0} | options)


def _equilibrium(weights, gains, x, kinds, y=None, beta=0.0, held=None):
    """The slow, obvious fixed point of one example in double precision, all layers over and over."""
    s = [np.zeros(w.shape[1]) for w in weights]
    for _ in range(300):
        for i in range(len(s)):
            if held is not None and i == len(s) - 1:
                s[i] = held
                continue
            below = x if i == 0 else s[i - 1]
            u = gains[i] * (below @ weights[i][:-1] + weights[i][-1])
            if i + 1 < len(s):
                u = u + gains[i + 1] * (weights[i + 1][:-1] @ s[i + 1])
            elif beta:
                u = u + beta * (y - s[i])
            s[i] = activate(kinds[i], u[None])[0]
    return s


def _parts(network):
    return [layer.values.astype(float) for layer in network.layers], [float(g) for g in network.gains]


def _relaxed(network, x=X, **options):
    reads = Reads(np.arange(len(x), dtype=np.uint64))
    return network.relax(network.drive(x, reads), reads, **options)


@pytest.mark.parametrize("output", ["sigmoid", "hard", "softmax", "linear", "tanh"])
def test_relaxations_reach_the_equilibrium_of_the_naive_twin(output):
    network = EnergyNetwork(IDEAL, SIZES, _rule(output=output), seed=1)
    weights, gains = _parts(network)
    for options in ({}, {"beta": 0.3, "target": Y}, {"held": Y}):
        got = _relaxed(network, **options)
        for k in range(len(X)):
            single = {"beta": options.get("beta", 0.0), "y": Y[k], "held": Y[k] if "held" in options else None}
            wanted = _equilibrium(weights, gains, X[k].astype(float), network.units, **single)
            for mine, naive in zip(got.states, wanted, strict=True):
                np.testing.assert_allclose(mine[k], naive, atol=2e-6)


@pytest.fixture(scope="module")
def gradient():
    network = EnergyNetwork(IDEAL, (3, 3, 2), _rule(), seed=1)
    small = X[:3, :3].copy()
    weights, gains = _parts(network)
    target = np.eye(2, dtype=np.float32)[[0, 1, 1]]

    def cost():
        ends = [_equilibrium(weights, gains, x.astype(float), network.units)[-1] for x in small]
        return np.mean([((o - y) ** 2).sum() / 2 for o, y in zip(ends, target, strict=True)])

    found = [-descent(cost, w, 1e-4) for w in weights]
    return small, target, found


@pytest.mark.parametrize(("mode", "order"), [("centred", 2), ("nudged", 1), ("coupled", 1)])
def test_updates_match_the_numerical_gradient_to_their_order_in_beta(gradient, mode, order):
    """On ideal devices; halving beta halves the error of the nudged update and quarters that of the centred one."""
    small, target, wanted = gradient
    errors = []
    for beta in (0.8, 0.4, 0.2):
        network = EnergyNetwork(IDEAL, (3, 3, 2), _rule(mode, beta), seed=1)
        changes = network.changes(small, target)
        got = [-float(gain) * change for gain, change in zip(network.gains, changes, strict=True)]
        if (
            mode == "coupled"
        ):  # its cost is that of the energy that clamping takes, the same up to a metric: compare signs
            flat = [np.concatenate([np.ravel(part) for part in parts]) for parts in (got, wanted)]
            assert np.corrcoef(*flat)[0, 1] > 0.9
            return
        errors.append(max(np.abs(g - w).max() for g, w in zip(got, wanted, strict=True)))
    scale = max(np.abs(w).max() for w in wanted)
    ratios = np.array(errors[:-1]) / errors[1:]
    np.testing.assert_allclose(ratios, 2.0**order, rtol=0.35)
    assert errors[-1] < {1: 0.15, 2: 0.02}[order] * scale


def test_a_change_uses_what_both_ends_of_a_weight_see_and_nothing_else():
    network = EnergyNetwork(IDEAL, SIZES, _rule(), seed=1)
    drive, (free, clamped) = network.phases(X, Y)
    for found in (free, clamped):
        for place, pair in enumerate(pairwise([X, *found.states])):
            for seen, wanted in zip(network.ends(place, drive, found), pair, strict=True):
                np.testing.assert_array_equal(seen, wanted)
    np.testing.assert_array_equal(clamped.states[-1], Y)
    before, after = ([X, *found.states] for found in (free, clamped))
    for change, one, other in zip(network.changes(X, Y), pairwise(before), pairwise(after), strict=True):
        products = [np.column_stack([pre, np.ones(len(X))]).T @ post for pre, post in (one, other)]
        np.testing.assert_allclose(change, (products[1] - products[0]) / len(X), atol=1e-6)


def test_a_recurrent_change_is_symmetric_to_the_last_bit():
    a, b = (np.sign(np.random.default_rng(i).normal(size=(50, 33))).astype(np.float32) for i in (1, 2))
    change = recurrent_difference(a, b)
    np.testing.assert_array_equal(change, change.T)
    assert not np.diag(change).any()
    np.testing.assert_allclose(change[3, 5], (b[:, 3] * b[:, 5] - a[:, 3] * a[:, 5]).mean(), atol=1e-6)


@pytest.mark.parametrize("output", ["sigmoid", "hard", "softmax", "tanh"])
def test_the_energy_falls_at_every_step(output):
    network = EnergyNetwork(IDEAL, SIZES, _rule(output=output, hidden="hard" if output == "hard" else "tanh"), seed=2)
    energies: list[float] = []
    _relaxed(network, record=energies, steps=40)
    assert (np.diff(energies) < 1e-5).all()
    assert energies[0] > energies[-1]


def test_on_ideal_devices_the_weights_are_the_targets_of_the_floating_point_rule():
    rule = _rule(steps=30)
    network = EnergyNetwork(IDEAL, SIZES, rule, seed=3)
    weights = [layer.values.copy() for layer in network.layers]
    for _ in range(20):
        changes = network.changes(X, Y)
        for w, change, ratio in zip(weights, changes, network.ratios, strict=True):
            np.clip(w + np.float32(rule.learning.rate * ratio) * change, -1, 1, out=w)
        network.learn(X, Y)
    for layer, w in zip(network.layers, weights, strict=True):
        np.testing.assert_allclose(layer.values, w, atol=2e-6)
        np.testing.assert_allclose(layer.memory[0], w, atol=2e-6)


@pytest.mark.parametrize("mode", ["clamped", "nudged", "centred", "coupled"])
def test_every_mode_learns_on_noisy_cells(mode):
    rng = np.random.default_rng(4)
    x = np.sign(rng.normal(size=(12, 20))).astype(np.float32)
    y = np.eye(3, dtype=np.float32)[np.arange(12) % 3]
    network = EnergyNetwork(TAOX, (20, 16, 3), EnergyRule(learning=ActivityDifference(mode=mode, beta=0.5)), seed=1)
    before = (network.respond(x)[0].argmax(axis=1) == y.argmax(axis=1)).mean()
    for _ in range(150):
        network.learn(x, y)
    assert (network.respond(x)[0].argmax(axis=1) == y.argmax(axis=1)).mean() > max(0.9, before)


def test_a_checkpoint_goes_on_with_the_same_bits():
    whole = EnergyNetwork(TAOX, SIZES, EnergyRule(), seed=5)
    for _ in range(4):
        whole.learn(X, Y)
    half = EnergyNetwork(TAOX, SIZES, EnergyRule(), seed=5)
    for _ in range(2):
        half.learn(X, Y)
    other = EnergyNetwork(TAOX, SIZES, EnergyRule(), seed=5)
    other.restore(half.arrays())
    for _ in range(2):
        other.learn(X, Y)
    for name, value in whole.arrays().items():
        np.testing.assert_array_equal(value, other.arrays()[name], err_msg=name)


def test_counts_follow_from_the_steps():
    """Of units that are never 0 nor negative; three of the examples have a negative input, and are read twice for it."""
    network = EnergyNetwork(IDEAL, (5, 6, 3), _rule(steps=3, hidden="sigmoid"), seed=1)
    x = np.abs(X)
    x[:3, 1] *= -1
    _relaxed(network, x)
    done = network.counts
    inputs = 8 * (5 + 1) * 6 * 2  # once, with the bias, on pairs
    forward, back = 8 * (6 + 1) * 3 * 2, 8 * 3 * 6 * 2  # at each step
    assert done.reads == inputs + 3 * (forward + back)
    assert done.conversions == (8 + 3) * 6 + 3 * (8 * 3 + 8 * 6)
    assert done.products == (8 + 3) + 3 * (8 + 8)
    assert done.pulses == 0
    assert not any(vars(network.heard).values())


def test_what_an_example_gives_does_not_depend_on_the_others():
    network = EnergyNetwork(IDEAL, SIZES, EnergyRule(), seed=1)
    np.testing.assert_allclose(network.respond(X)[0][:3], network.respond(X[:3])[0], atol=1e-6)


def test_first_weights_start_without_bias():
    network = EnergyNetwork(IDEAL, SIZES, EnergyRule(initial=0.2), seed=1)
    assert not first_weights(network.layers[0], 0.2)[-1].any()
    assert network.layers[0].values.std() == pytest.approx(0.2, rel=0.35)


@pytest.mark.parametrize("beta", [0.0, -0.0, 3.0])
def test_outputs_that_are_clamped_have_no_nudge(beta):
    assert ActivityDifference(mode="clamped").scale == 1.0
    with pytest.raises(
        InputError, match="beta: has no effect here, for outputs that are clamped are held at the target"
    ):
        ActivityDifference(mode="clamped", beta=beta)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: ActivityDifference(mode="centred", beta=0),
            "beta: got 0; without a nudge both relaxations are the same",
        ),
        (lambda: ActivityDifference(mode="centered"), "did you mean 'centred'"),
        (lambda: ActivityDifference(mode="coupled", beta=1.5), "beta: got 1.5"),
        (lambda: ActivityDifference(rate=-1), "rate: got -1"),
        (lambda: ActivityDifference(form="product"), "form: got 'product'; allowed are products, difference or None"),
        (lambda: EnergyRule(steps=0), "steps: got 0"),
        (lambda: EnergyRule(learning=0.1), "rule.learning: got 0.1"),
        (lambda: EnergyRule(hidden="relu"), "hidden: got 'relu'"),
        (lambda: EnergyRule(output="relu"), "output: got 'relu'"),
        (lambda: EnergyRule(gain=0), "gain: got 0"),
        (lambda: EnergyNetwork(IDEAL, SIZES, "clamped"), "rule: got 'clamped'"),
        (lambda: EnergyNetwork("taox", SIZES, EnergyRule()), "device: got 'taox'"),
        (lambda: EnergyNetwork(IDEAL, (5,), EnergyRule()), "the inputs and at least one layer"),
        (lambda: EnergyNetwork(IDEAL, SIZES, EnergyRule(ratios=(1.0,))), "one for each of the 3 layers"),
    ],
)
def test_bad_input(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_rules_are_values():
    assert replace(EnergyRule(), steps=3) == EnergyRule(steps=3)
