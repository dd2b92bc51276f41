from dataclasses import replace

import numpy as np
import pytest
import stack_cases
from cases import BINARY, IDEAL, images, program, rule
from hypothesis import given, settings
from hypothesis import strategies as st
from stack_cases import capacitors

from insitu.arrays.closed_loop import ClosedLoop
from insitu.cells import BitSlices, DifferentialPair, SingleDevice
from insitu.devices.base import ReadNoise
from insitu.errors import InputError
from insitu.learning import ConventionalPruning, Neurons, SoftPruning, Stdp
from insitu.learning.pruning import Schedule
from insitu.ledger import Counts
from insitu.networks.energy import EnergyNetwork, EnergyRule
from insitu.networks.perceptron import Perceptron
from insitu.networks.spiking import SpikingNetwork, SpikingRule
from insitu.schemes import BlindPulses, Exact, TikiTaka, Weights, WriteVerify

once = settings(derandomize=True, deadline=None, max_examples=60, database=None)
ORDERS = ("lowest", "highest", "magnitude", "random")
RIPE = np.array([10, 9, 1000])  # output spikes of three neurons


def weights(rows=20, columns=3, *, device=IDEAL["constant"], encoding=None, scheme=None, seed=5):
    made_of = {"form": "column", "encoding": encoding or SingleDevice(), "seed": seed}
    one = Weights(device, rows, columns, scheme or BlindPulses(), **made_of)
    one.put(np.random.default_rng(seed).uniform(-1, 1, (rows, columns)))
    return one


def test_at_once():
    schedule = Schedule(fraction=0.6, maturity=10)
    assert schedule.pruned(np.array([0, 9, 10, 10**9])).tolist() == [0.0, 0.0, 0.6, 0.6]


@once
@given(
    fraction=st.floats(0, 1),
    maturity=st.integers(1, 1000),
    power=st.floats(0.001, 5),
    fired=st.lists(st.integers(0, 10**6), min_size=2, max_size=20),
)
def test_progressive_pruning_follows_its_formula_and_never_turns_back(fraction, maturity, power, fired):
    fired = np.sort(fired)
    pruned = Schedule(fraction=fraction, maturity=maturity, power=power).pruned(fired)
    expected = [min(fraction, 1 - (maturity / n) ** power) if n >= maturity else 0.0 for n in fired.tolist()]
    assert pruned == pytest.approx(expected)
    assert (np.diff(pruned) >= 0).all()


@pytest.mark.parametrize("order", ORDERS)
def test_the_right_weights_are_due(order):
    one = weights()
    due = Schedule(fraction=0.3, maturity=10, order=order).due(one, RIPE)
    assert due.sum(axis=0).tolist() == [6, 0, 6]
    key = {"lowest": one.values, "highest": -one.values, "magnitude": np.abs(one.values)}.get(order)
    if key is not None:
        for column in (0, 2):
            assert key[due[:, column], column].max() < key[~due[:, column], column].min()
    else:
        assert (due == Schedule(fraction=0.3, maturity=10, order="random").due(weights(), RIPE)).all()
        assert (due[:, 0] != due[:, 2]).any()


@once
@given(
    steps=st.lists(st.integers(0, 3000), min_size=1, max_size=6),
    fraction=st.floats(0, 1),
    order=st.sampled_from(ORDERS),
    power=st.none() | st.floats(0.2, 2),
)
def test_pruning_in_steps_reaches_the_share_of_the_last_one(steps, fraction, order, power):
    one, schedule = weights(), Schedule(fraction=fraction, maturity=100, order=order, power=power)
    pruning, total, was = SoftPruning(schedule=schedule), 0, np.zeros((20, 3), bool)
    for n in sorted(steps):
        total += pruning.apply(one, np.array([n, n // 2, 0]))
        frozen = one.array.frozen.T == 1
        np.testing.assert_array_equal(one.array.live_mask, ~frozen)
        assert (frozen >= was).all()  # what is pruned stays pruned
        was = frozen
    share = schedule.pruned(np.array([n, n // 2, 0]))
    assert frozen.sum(axis=0).tolist() == np.floor(share * 20 + 1e-9).astype(int).tolist()
    assert total == frozen.sum()


def test_a_fraction_that_rounds_badly_is_exact():
    """0.29 of 100 weights is 29, although 0.29 * 100 is a little less in binary."""
    one = weights(100, 1)
    assert 0.29 * 100 < 29
    assert SoftPruning(schedule=Schedule(fraction=0.29, maturity=1)).apply(one, np.array([1])) == 29


def test_soft_pruning_holds_each_weight_and_costs_no_pulse():
    one = weights()
    before = one.values.copy()
    assert SoftPruning(schedule=Schedule(fraction=0.5, maturity=10)).apply(one, RIPE) == 20
    assert (one.values == before).all()
    assert Counts.of(one.counts) == Counts()


WIDE = ClosedLoop(tolerance=0.05, iterations=100, burst=20)


@pytest.mark.parametrize("encoding", [None, BitSlices(bits=3)], ids=["analogue", "digital"])
@pytest.mark.parametrize("scheme", [BlindPulses(), WriteVerify()], ids=["blind", "closed loop"])
def test_soft_pruning_to_a_value_writes_it_and_pays(encoding, scheme):
    one = weights(device=BINARY if encoding else IDEAL["constant"], encoding=encoding, scheme=scheme)
    due = Schedule(fraction=0.5, maturity=10, order="highest")
    assert SoftPruning(schedule=due, value=-1.0, loop=WIDE).apply(one, RIPE) == 20
    assert one.values[~one.array.live_mask] == pytest.approx(np.full(20, -1.0), abs=0.1)
    counts = Counts.of(one.counts)
    assert counts.pulses == one.array.writes.sum() > 0
    assert counts.pulses_down > counts.pulses_up == 0
    assert counts.reads >= 40
    assert (counts.tuned, counts.missed) == (20, 0)


def test_soft_pruning_to_a_value_is_of_the_whole_weight():
    """Not of the part that the least significant array holds of it."""
    one = stack_cases.weights(None, capacitors(2), BlindPulses(), 20, 3, form="column")
    one.levels[0].set_weights(np.random.default_rng(1).uniform(-1, 1, (20, 3)))
    one.refresh()
    due = Schedule(fraction=0.5, maturity=10)
    loop = ClosedLoop(tolerance=0.01, iterations=500, burst=20)
    assert SoftPruning(schedule=due, value=0.6, loop=loop).apply(one, RIPE) == 20
    tolerance = loop.tolerance_of(one.array.encoding)
    assert one.values[~one.array.live_mask] == pytest.approx(np.full(20, 0.6), abs=tolerance)


def test_numbers_are_pruned_to_a_value_without_a_pulse():
    one = weights(scheme=Exact())
    schedule = Schedule(fraction=0.5, maturity=10)
    assert SoftPruning(schedule=schedule, value=-0.3, loop=WIDE).apply(one, RIPE) == 20
    assert one.values[~one.array.live_mask] == pytest.approx(np.full(20, -0.3), abs=0.1)
    assert Counts.of(one.counts).pulses == 0


@pytest.mark.parametrize("encoding", [None, BitSlices(bits=3)], ids=["analogue", "digital"])
def test_numbers_that_stay_are_left_to_the_last_bit_when_others_are_removed(encoding):
    one = weights(device=BINARY if encoding else IDEAL["constant"], encoding=encoding, scheme=Exact())
    before = one.values.copy()
    assert ConventionalPruning(schedule=Schedule(fraction=0.5, maturity=10)).apply(one, RIPE) == 20
    np.testing.assert_array_equal(one.values, np.where(one.array.live_mask, before, 0))


def test_conventional_pruning_reads_zero_for_ever():
    one = weights(device=replace(IDEAL["constant"], read_noise=ReadNoise(cv=0.1)))
    assert ConventionalPruning(schedule=Schedule(fraction=0.5, maturity=10)).apply(one, RIPE) == 20
    gone = one.array.frozen.T == 2
    assert gone.sum() == 20
    one.array.pulse(np.ones((20, 3), int))
    program(one.array, 0, np.ones(20), rule(), 0)
    one.array.give(*np.nonzero(~gone), np.ones(40, int))
    one.refresh()
    for nothing in (one.values, one.array.variance, one.array.writes[0].T):
        assert (nothing[gone] == 0).all()
        assert (nothing[~gone] != 0).all()
    x, numbers = gone[:, :1].T.astype(np.float32), np.arange(1, dtype=np.uint64)
    assert one.read(x, numbers)[0, 0] == 0  # of removed weights alone, noise and all


def test_what_is_pruned_is_so_in_the_array_that_takes_the_pulses_too():
    one = weights(scheme=TikiTaka(zero_shift=0), encoding=DifferentialPair())
    for pruning, column in ((SoftPruning, 0), (ConventionalPruning, 2)):
        mature = np.where(np.arange(3) == column, 10, 0)
        assert pruning(schedule=Schedule(fraction=0.5, maturity=10)).apply(one, mature) == 10
    np.testing.assert_array_equal(one.fast.live_mask, one.array.live_mask)
    assert one.fast.live_mask.sum() == 40


@pytest.mark.parametrize("kind", [SoftPruning, ConventionalPruning])
def test_weights_pruned_in_training_receive_no_pulse_again(kind):
    pruning = kind(schedule=Schedule(fraction=0.75, maturity=150))
    network = SpikingNetwork(Stdp().ideal_device(), 16, 4, SpikingRule(pruning=pruning), seed=3)
    array, shown = network.synapses.array, images(1000, 16)
    network.learn(shown[:500])
    pruned, writes, held = ~array.live_mask, array.writes.copy(), array.weights.copy()
    pulses = network.counts.pulses
    assert (pruned.sum(axis=0) == 12).all()
    network.learn(shown[500:])
    assert (array.writes[0].T[pruned] == writes[0].T[pruned]).all()
    assert (array.weights[pruned] == held[pruned]).all()
    assert (array.weights[pruned] == 0).all() == (kind is ConventionalPruning)
    assert network.counts.pulses - pulses == 500 * 8 * 4  # 4 weights are left to every neuron


@pytest.mark.parametrize("kind", [SoftPruning, ConventionalPruning])
def test_networks_without_spikes_mature_with_the_examples(kind):
    pruning = kind(schedule=Schedule(fraction=0.5, maturity=400))
    made_of = {"scheme": BlindPulses(), "pruning": pruning, "seed": 3}
    perceptron = Perceptron(IDEAL["constant"], (16, 8, 4), neurons=Neurons(), **made_of)
    energy = EnergyNetwork(IDEAL["constant"], (16, 8, 4), EnergyRule(), **made_of)
    x, labels = images(600, 16).astype(np.float32) / 255, np.arange(600) % 4
    perceptron.learn(x[:499], labels[:499], 0.05)
    for batch in range(49):
        energy.learn(x[10 * batch :][:10], np.eye(4, dtype=np.float32)[labels[:10]])
    for network, learn in (
        (perceptron, lambda: perceptron.learn(x[:1], labels[:1], 0.05)),
        (energy, lambda: energy.learn(x[:10], np.eye(4, dtype=np.float32)[labels[:10]])),
    ):
        assert not any(layer.array.frozen.any() for layer in network.layers)
        learn()
        for layer in network.layers:
            assert ((layer.array.frozen != 0).sum(axis=1) == layer.rows // 2).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Schedule(fraction=75), "75 % is 0.75"),
        (lambda: Schedule(fraction=-0.1), "fraction"),
        (lambda: Schedule(fraction=np.nan), "fraction"),
        (lambda: Schedule(maturity=0), "maturity: got 0; allowed is a whole number"),
        (lambda: Schedule(power=0.0), "power"),
        (lambda: Schedule(order="smallest"), "order: got 'smallest'; allowed: lowest"),
        (lambda: SoftPruning(value=0), "use conventional pruning for zero"),
        (lambda: SoftPruning(value=np.inf), "value"),
        (lambda: SoftPruning(loop=ClosedLoop(iterations=0)), "iterations: got 0"),
    ],
)
def test_refuses(make, message):
    with pytest.raises(InputError, match=message):
        make()
