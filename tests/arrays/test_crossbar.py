import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest
from cases import BAD_BINARY, BINARY, IDEAL, STEPS, WORST, crossbar, polarities, program, rule
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from insitu.arrays import Crossbar
from insitu.arrays.closed_loop import ClosedLoop
from insitu.cells import BitSlices, DifferentialPair
from insitu.devices.base import Endurance, Faults, ReadNoise, Telegraph
from insitu.devices.constant import ConstantStep
from insitu.errors import InputError
from insitu.ledger import Counts

once = settings(derandomize=True, deadline=None, max_examples=40, database=None)
trains = hnp.arrays(np.int8, st.tuples(st.integers(1, 12), st.just(4), st.just(3)), elements=st.integers(-1, 1))
every_way = pytest.mark.parametrize(
    ("device", "encoding"),
    [
        (WORST["constant"], None),
        (WORST["switch"], None),
        (WORST["exponential"], DifferentialPair()),
        (BAD_BINARY, BitSlices(bits=2)),
    ],
    ids=["single", "switch", "pair", "digital"],
)


ALL = np.ones((4, 3), bool)


def used(device, encoding=None, rounds=5, **kwargs):
    """An array with a past: pulses, or writes if it is digital."""
    array = crossbar(device, 4, 3, encoding=encoding, **kwargs)
    for seed in range(rounds):
        if array.encoding.digital:
            array.write_verify(polarities((4, 3), seed) > 0, seed / rounds, ClosedLoop(iterations=1))
        else:
            array.pulse(polarities((4, 3), seed))
    return array


# -- what reads see -----------------------------------------------------------------------------------------------------


@every_way
def test_weights_follow_from_the_conductances(device, encoding):
    array = used(device, encoding)
    gains, _, offset = array.map
    if array.encoding.digital:
        middle = (array.device.g_min + array.device.g_max) / 2
        expected = offset + np.tensordot(gains * (array.device.g_max - array.device.g_min), array.g > middle, 1).T
    else:
        expected = offset + np.tensordot(gains, array.g, 1).T
    assert array.weights == pytest.approx(expected, abs=1e-6)
    assert array.weights == pytest.approx(array.part, abs=1e-6)


@pytest.mark.parametrize("encoding", [None, DifferentialPair()])
def test_the_noise_of_a_read_follows_from_the_conductances(encoding):
    """sum over the devices of (gain sd(g))**2, sd = cv g + sd, and half of the distance of the levels of those that jump."""
    noise, jump = ReadNoise(cv=0.05, sd=0.1e-6), Telegraph(fraction=0.5, jump=0.3)
    array = used(replace(WORST["constant"], read_noise=noise, telegraph=jump), encoding)
    g, gains = array.g.astype(float), array.map.gains[:, None, None]
    expected = (gains * (0.05 * g + 0.1e-6)) ** 2 + (gains * 0.15 * g * array.jumps) ** 2
    np.testing.assert_allclose(array.variance, expected.sum(axis=0).T, rtol=1e-4)
    assert 0 < array.jumps.mean() < 1


@pytest.mark.parametrize(
    ("device", "shape"),
    [
        (IDEAL["constant"], (1, 1)),
        (replace(IDEAL["constant"], read_noise=ReadNoise(sd=0.1e-6)), (1, 1)),
        (replace(IDEAL["constant"], read_noise=ReadNoise(cv=0.1)), (4, 3)),
        (replace(IDEAL["constant"], telegraph=Telegraph(fraction=0.2, jump=0.1)), (4, 3)),
    ],
    ids=["quiet", "alike", "by cell", "jumping"],
)
def test_what_is_the_same_for_all_cells_is_one_number(device, shape):
    array = crossbar(device, 4, 3)
    assert array.variance.shape == shape
    assert array.uniform_variance == pytest.approx((array.map.gains[0] * (device.read_noise.sd or 0.0)) ** 2)
    if shape == (1, 1):
        assert array.variance == pytest.approx(np.full((1, 1), array.uniform_variance))


# -- pulses ------------------------------------------------------------------------------------------------------------


@once
@given(train=trains, name=st.sampled_from(["constant", "switch", "exponential"]), pair=st.booleans())
def test_a_cell_never_leaves_its_own_range(train, name, pair):
    """And the write counts are the pulses, cell by cell; the ledger is their sum."""
    device = replace(WORST[name], faults=Faults(stuck_low=0.1, stuck_high=0.1))
    array = crossbar(device, 4, 3, encoding=DifferentialPair() if pair else None)
    for wanted in train:
        array.pulse(wanted)
    low, high = np.broadcast_arrays(array.cell[0], array.cell[1], array.g)[:2]
    assert (array.g >= low).all()
    assert (array.g <= high).all()
    assert (array.writes == np.abs(train).sum(axis=0).T).all()
    assert Counts.of(array.counts).pulses == array.writes.sum()


@once
@given(train=trains, data=st.data())
def test_other_cells_and_their_order_make_no_difference(train, data):
    """One pulse a call and cell, in any order of the cells, gives the bits of all at once."""
    together, apart = crossbar(WORST["constant"], 4, 3), crossbar(WORST["constant"], 4, 3)
    for wanted in train:
        together.pulse(wanted)
    for row, column in data.draw(st.permutations(list(np.ndindex(4, 3)))):
        for wanted in train:
            one = np.zeros((4, 3), int)
            one[row, column] = wanted[row, column]
            apart.pulse(one)
    assert (together.g == apart.g).all()
    assert (together.writes == apart.writes).all()
    assert (together.weights == apart.weights).all()


def test_arrays_of_one_seed_differ_by_index_and_agree_without():
    cells = [used(WORST["constant"], seed=3, index=index).g for index in (0, 0, 1)]
    assert (cells[0] == cells[1]).all()
    assert (cells[0] != cells[2]).mean() > 0.9


@pytest.mark.parametrize(("faults", "state"), [("dead", 0.0), ("stuck_low", "low"), ("stuck_high", "high")])
@pytest.mark.parametrize("base", [IDEAL["softbounds"], WORST["constant"]], ids=["without spread", "with spread"])
def test_faulty_cells_stay_in_their_fault(faults, state, base):
    array = crossbar(replace(base, faults=Faults(**{faults: 1.0})), 4, 3)
    array.pulse(np.ones((4, 3), int))
    array.pulse(-np.ones((4, 3), int))
    expected = {"low": array.cell[0], "high": array.cell[1]}.get(state, 0.0)
    assert (array.g == expected).all()
    assert (array.writes == 2).all()  # the pulse is spent all the same
    assert array.write_verify(ALL, 0.123, ClosedLoop(tolerance=1e-6, iterations=3)) == 12


def test_faults_are_as_frequent_as_they_say():
    faults = Faults(dead=0.1, stuck_low=0.2, stuck_high=0.3)
    array = Crossbar(ConstantStep(**STEPS, faults=faults), 100, 100, seed=1)
    shares = np.bincount(array._fault.ravel(), minlength=4) / 10_000
    assert shares == pytest.approx([0.1, 0.2, 0.3, 0.4], abs=4 * 0.005)


def test_a_cell_answers_as_many_writes_as_its_endurance_and_no_more():
    array = Crossbar(replace(IDEAL["softbounds"], endurance=Endurance(writes=3)), 4, 3)
    g = []
    for _ in range(5):
        array.pulse(np.ones((4, 3), int))
        g.append(array.g.copy())
    assert (g[0] < g[1]).all()
    assert (g[1] < g[2]).all()
    assert (g[2] == g[4]).all()
    assert (array.writes == 5).all()


def test_endurance_has_the_median_and_spread_it_says():
    device = ConstantStep(**STEPS, endurance=Endurance(writes=1000, writes_cv=0.5))
    life = Crossbar(device, 100, 100).lifetime
    assert np.median(life) == pytest.approx(1000, rel=4 * 1.2533 * 0.47 / 100)
    assert life.std() / life.mean() == pytest.approx(0.5, rel=0.1)


# -- write and verify --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", [-0.9, 0.0, 0.4])
def test_write_verify_reaches_its_tolerance_or_says_how_many_missed(target):
    array = crossbar(WORST["constant"], 30, 3)
    mask = polarities((30, 3)) > 0
    others = array.g[0].T[~mask].copy()
    missed = array.write_verify(mask, target, ClosedLoop(tolerance=0.025, iterations=50, burst=1))
    assert missed == (np.abs(array.weights[mask] - target) > 0.05).sum()
    assert missed < mask.sum()
    assert (array.g[0].T[~mask] == others).all()
    assert (array.writes <= 50).all()
    counts = Counts.of(array.counts)
    assert counts.pulses == array.writes.sum()
    assert counts.reads == counts.conversions == counts.pulses + mask.sum()
    assert (counts.tuned, counts.missed) == (mask.sum(), missed)


def test_write_verify_costs_no_pulse_where_it_is_not_needed():
    array = crossbar(BINARY, 4, 3, encoding=BitSlices(bits=2))
    assert array.write_verify(ALL, 1 / 3) == 0
    assert array.weights == pytest.approx(np.full((4, 3), 1 / 3))
    spent = Counts.of(array.counts).pulses
    assert array.write_verify(ALL, 0.4) == 0  # the nearest code is the same
    assert Counts.of(array.counts).pulses == spent


# -- freezing ----------------------------------------------------------------------------------------------------------


def test_removed_weights_stay_away_whatever_their_cells_hold():
    array, gone = crossbar(IDEAL["constant"], 4, 3), polarities((4, 3), 9) > 0
    array.remove(gone)
    array.set_weights(np.full((4, 3), 0.5))
    assert (array.weights[gone] == 0).all()
    assert (array.weights[~gone] != 0).all()
    again = pickle.loads(pickle.dumps(array))
    again.refresh()
    np.testing.assert_array_equal(again.weights, array.weights)


@every_way
@pytest.mark.parametrize("way", ["freeze", "remove"])
def test_frozen_weights_receive_no_pulse_again(device, encoding, way):
    array, frozen = used(device, encoding), polarities((4, 3), 9) > 0
    getattr(array, way)(frozen)
    writes, weights, g = array.writes.copy(), array.weights.copy(), array.g.copy()
    pulses = Counts.of(array.counts).pulses
    if not array.encoding.digital:
        array.pulse(np.ones((4, 3), int))
    array.write_verify(ALL, 0.7, ClosedLoop(tolerance=0.0, iterations=4))
    for column in range(3):
        program(array, column, np.ones(4), rule(ltp=0.5, ltd=0.5), 1)
    assert (array.writes[:, frozen.T] == writes[:, frozen.T]).all()
    assert (array.g[:, frozen.T] == g[:, frozen.T]).all()
    assert (array.weights[frozen] == (0.0 if way == "remove" else weights[frozen])).all()
    assert Counts.of(array.counts).pulses - pulses == (array.writes - writes).sum() > 0


def test_a_frozen_weight_that_is_removed_reads_as_nothing_and_a_removed_one_that_is_frozen_stays_removed():
    array = used(IDEAL["constant"])
    half = polarities((4, 3), 9) > 0
    array.remove(half)
    array.freeze(ALL)
    assert array.frozen.T.tolist() == np.where(half, 2, 1).tolist()
    array.remove(ALL)
    assert (array.frozen == 2).all()
    assert not array.weights.any()


@pytest.mark.parametrize(
    ("noise", "above"),
    [(ReadNoise(cv=0.1), 0.0), (ReadNoise(cv=0.1), 0.25), (ReadNoise(), 0.25)],
    ids=["its own noise", "and that of another part", "that of another part alone"],
)
def test_removed_weights_scatter_nothing(noise, above):
    array = crossbar(replace(IDEAL["constant"], read_noise=noise), 4, 3, stacked=bool(above), noisy=True)
    array.base_variance[:] = above
    gone = polarities((4, 3), 9) > 0
    array.remove(gone)
    assert (array.variance[gone] == 0).all()
    assert (array.variance[~gone] > 0).all()


def test_freezing_adds_up():
    array, first, second = crossbar(IDEAL["constant"], 4, 3), polarities((4, 3), 1) > 0, polarities((4, 3), 2) > 0
    array.freeze(first)
    array.freeze(second)
    assert (array.live_mask == ~(first | second)).all()
    assert array.n_live.tolist() == (~(first | second)).sum(axis=0).tolist()
    for column, n in enumerate(array.n_live):
        assert array.live[column, :n].tolist() == np.flatnonzero(array.live_mask[:, column]).tolist()
    array.freeze(np.ones((4, 3), bool))
    assert not array.live_mask.any()


# -- saving ------------------------------------------------------------------------------------------------------------


@every_way
@pytest.mark.parametrize("way", ["arrays", "pickle", "deepcopy"])
def test_a_saved_array_goes_on_as_if_nothing_had_happened(device, encoding, way):
    array = used(device, encoding, index=2)
    array.freeze(polarities((4, 3), 7) > 0)
    saved = array.arrays()
    if way == "arrays":
        other = Crossbar(device, 4, 3, encoding=encoding, seed=5, index=2)
        other.restore(saved)
    else:
        other = pickle.loads(pickle.dumps(array)) if way == "pickle" else copy.deepcopy(array)
    for one in (array, other):
        one.write_verify(ALL, 0.3, ClosedLoop(tolerance=0.005, iterations=3))
    for name, value in other.arrays().items():
        assert (value == getattr(array, name)).all()
        assert not np.shares_memory(value, getattr(other, name))
    assert (saved["writes"] != array.writes).any()  # what was saved has not moved on


@pytest.mark.parametrize(
    "spoil",
    [
        lambda arrays: arrays.pop("writes"),
        lambda arrays: arrays.update(g=arrays["g"][:, :1]),
        lambda arrays: arrays.update(g=arrays["g"].astype(float)),
        lambda arrays: arrays.update(live=arrays["live"][0]),
    ],
)
def test_refuses_the_state_of_another_array(spoil):
    array = crossbar(IDEAL["constant"], 4, 3)
    arrays = array.arrays()
    spoil(arrays)
    with pytest.raises(InputError, match=r"restore: '.*' is missing or not of this array of 4 x 3"):
        array.restore(arrays)


@pytest.mark.parametrize("other", [{"seed": 6}, {"index": 3}, {"device": replace(IDEAL["constant"], step_up=0.4e-6)}])
def test_refuses_the_state_of_other_cells(other):
    made = {"device": IDEAL["constant"], "seed": 5, "index": 2, "encoding": DifferentialPair()}
    arrays = Crossbar(rows=4, columns=3, **made).arrays()
    with pytest.raises(InputError, match=r"^restore: what is to be restored was saved of other cells; allowed is"):
        Crossbar(rows=4, columns=3, **made | other).restore(arrays)
    noisy = replace(made["device"], read_noise=ReadNoise(cv=0.1))
    Crossbar(rows=4, columns=3, **made | {"device": noisy}).restore(arrays)


# -- refusals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda a: a.pulse(np.ones((3, 4), int)), "polarity"),
        (lambda a: a.pulse(np.full((4, 3), 2)), "polarity"),
        (lambda a: a.pulse(np.full((4, 3), np.nan)), "polarity"),
        (lambda a: a.set_weights(np.zeros((3, 4))), "weights: got shape"),
        (lambda a: a.set_weights(np.full((4, 3), np.nan)), "all finite"),
        (lambda a: a.freeze(ALL.T), "mask"),
        (lambda a: a.freeze(ALL.astype(int)), "mask"),
        (lambda a: a.remove(ALL[0]), "mask"),
        (lambda a: a.write_verify(np.ones((40, 3), bool), 0.0), "mask"),
        (lambda a: a.write_verify(ALL, np.nan), "target"),
    ],
)
def test_refuses_in_one_sentence(call, message):
    array = crossbar(IDEAL["constant"], 4, 3)
    before = array.arrays()
    with pytest.raises(InputError, match=message) as caught:
        call(array)
    assert "\n" not in str(caught.value)
    assert all((value == before[name]).all() for name, value in array.arrays().items())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ideal", 4, 3), "device: got 'ideal'"),
        ((IDEAL["constant"], 0, 3), "rows: got 0"),
        ((IDEAL["constant"], 4, 2.5), "columns: got 2.5"),
        ((IDEAL["constant"], 2**16, 2**16), "4,294,967,296 cells"),
    ],
)
def test_refuses_impossible_arrays(arguments, message):
    with pytest.raises(InputError, match=message):
        Crossbar(*arguments)


def test_refuses_impossible_seeds_and_indices():
    with pytest.raises(InputError, match="seed"):
        Crossbar(IDEAL["constant"], 1, 1, seed=-1)
    with pytest.raises(InputError, match="index"):
        Crossbar(IDEAL["constant"], 1, 1, index=-1)
