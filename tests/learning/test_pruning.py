import numpy as np
import pytest
from cases import BINARY, IDEAL, crossbar, images
from hypothesis import given, settings
from hypothesis import strategies as st

from insitu.arrays import Crossbar
from insitu.cells import BitSlices
from insitu.errors import InputError
from insitu.learning import ConventionalPruning, SoftPruning, Stdp
from insitu.learning.pruning import Schedule
from insitu.ledger import Counts
from insitu.networks.spiking import SpikingNetwork, SpikingRule

once = settings(derandomize=True, deadline=None, max_examples=60, database=None)
ORDERS = ("lowest", "highest", "magnitude", "random")
RIPE = np.array([10, 9, 1000])  # output spikes of three neurons


def array(rows=20, seed=5):
    one = crossbar(IDEAL["constant"], rows, 3, seed=seed)
    one.set_weights(np.random.default_rng(seed).uniform(-1, 1, (rows, 3)))
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
    one = array()
    due = Schedule(fraction=0.3, maturity=10, order=order).due(one, RIPE)
    assert due.sum(axis=0).tolist() == [6, 0, 6]
    key = {"lowest": one.weights, "highest": -one.weights, "magnitude": np.abs(one.weights)}.get(order)
    if key is not None:
        for column in (0, 2):
            assert key[due[:, column], column].max() < key[~due[:, column], column].min()
    else:
        assert (due == Schedule(fraction=0.3, maturity=10, order="random").due(array(), RIPE)).all()
        assert (due[:, 0] != due[:, 2]).any()


@once
@given(
    steps=st.lists(st.integers(0, 3000), min_size=1, max_size=6),
    fraction=st.floats(0, 1),
    order=st.sampled_from(ORDERS),
    power=st.none() | st.floats(0.2, 2),
)
def test_pruning_in_steps_reaches_the_share_of_the_last_one(steps, fraction, order, power):
    one, schedule = array(), Schedule(fraction=fraction, maturity=100, order=order, power=power)
    pruning, total, was = SoftPruning(schedule=schedule), 0, np.zeros((20, 3), bool)
    for n in sorted(steps):
        total += pruning.apply(one, np.array([n, n // 2, 0]))
        frozen = ~one.live_mask
        assert (frozen >= was).all()  # what is pruned stays pruned
        was = frozen
    share = schedule.pruned(np.array([n, n // 2, 0]))
    assert frozen.sum(axis=0).tolist() == np.floor(share * 20 + 1e-9).astype(int).tolist()
    assert total == frozen.sum()


def test_a_fraction_that_rounds_badly_is_exact():
    """0.29 of 100 weights is 29, although 0.29 * 100 is a little less in binary."""
    one = crossbar(IDEAL["constant"], 100, 1)
    assert 0.29 * 100 < 29
    assert SoftPruning(schedule=Schedule(fraction=0.29, maturity=1)).apply(one, np.array([1])) == 29


def test_soft_pruning_holds_each_weight_and_costs_no_pulse():
    one = array()
    before = one.weights.copy()
    assert SoftPruning(schedule=Schedule(fraction=0.5, maturity=10)).apply(one, RIPE) == 20
    assert (one.weights == before).all()
    assert Counts.of(one.counts) == Counts()


@pytest.mark.parametrize("encoding", [None, BitSlices(bits=3)], ids=["analogue", "digital"])
def test_soft_pruning_to_a_value_writes_it_and_pays(encoding):
    one = crossbar(BINARY if encoding else IDEAL["constant"], 20, 3, encoding=encoding)
    schedule = Schedule(fraction=0.5, maturity=10, order="highest")
    assert SoftPruning(schedule=schedule, value=-1.0, tolerance=0.1).apply(one, RIPE) == 20
    assert one.weights[~one.live_mask] == pytest.approx(np.full(20, -1.0), abs=0.1)
    counts = Counts.of(one.counts)
    assert counts.pulses == one.writes.sum() > 0
    assert counts.pulses_down > counts.pulses_up == 0
    assert counts.reads >= 40


def test_conventional_pruning_reads_zero_for_ever():
    one = array()
    assert ConventionalPruning(schedule=Schedule(fraction=0.5, maturity=10)).apply(one, RIPE) == 20
    gone = ~one.live_mask
    one.pulse(np.ones((20, 3), int))
    assert (one.weights[gone] == 0).all()
    assert one.read(np.ones((1, 20)))[0] == pytest.approx(one.weights.sum(axis=0), abs=1e-5)
    assert (one.writes[0].T[gone] == 0).all()


@pytest.mark.parametrize("kind", [SoftPruning, ConventionalPruning])
def test_weights_pruned_in_training_receive_no_pulse_again(kind):
    pruning = kind(schedule=Schedule(fraction=0.75, maturity=150))
    network = SpikingNetwork(Crossbar(Stdp().ideal_device(), 16, 4, seed=3), SpikingRule(pruning=pruning))
    shown = images(1000, 16)
    network.learn(shown[:500])
    pruned, writes, weights = ~network.array.live_mask, network.array.writes.copy(), network.array.weights.copy()
    pulses = Counts.of(network.array.counts).pulses
    assert (pruned.sum(axis=0) == 12).all()
    network.learn(shown[500:])
    assert (network.array.writes[0].T[pruned] == writes[0].T[pruned]).all()
    assert (network.array.weights[pruned] == weights[pruned]).all()
    assert (network.array.weights[pruned] == 0).all() == (kind is ConventionalPruning)
    assert Counts.of(network.array.counts).pulses - pulses == 500 * 8 * 4  # 4 weights are left to every neuron


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
        (lambda: SoftPruning(tolerance=0.0), "tolerance"),
    ],
)
def test_refuses(make, message):
    with pytest.raises(InputError, match=message):
        make()
