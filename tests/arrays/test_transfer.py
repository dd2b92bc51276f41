"""Transfer: what it keeps, what it counts, and which errors a change of polarity takes out."""

from dataclasses import replace

import numpy as np
import pytest
from cases import IDEAL
from hypothesis import given, settings
from hypothesis import strategies as st
from stack_cases import BOTH, CAPACITOR, PAIR, PCM, QUIET_PCM, STEP, UNIT, capacitors, stack

from insitu.arrays import Crossbar
from insitu.arrays.stack import Stack
from insitu.arrays.transfer import (
    ClosedLoop,
    Outcome,
    Transfer,
    load_weights,
    nominal_step,
    refresh_pairs,
    transfer,
    usable_top,
)
from insitu.cells import DifferentialPair, MultiConductance, OneSidedPair, ReferencedDevice, Significance
from insitu.devices.base import Endurance, Faults, Spread
from insitu.devices.jumptable import JumpTable
from insitu.errors import InputError

once = settings(derandomize=True, deadline=None, max_examples=40, database=None)
EXACT = ClosedLoop(tolerance=None)
MIXED = MultiConductance(
    parts=(
        Significance(device=QUIET_PCM, gain=6.0),
        Significance(device=CAPACITOR, gain=2.0, pair=ReferencedDevice),
        Significance(device=CAPACITOR, pair=ReferencedDevice),
    ),
    unit=UNIT,
)


def close(one, wanted, steps=1.0):
    """Weights agree to the round-off of single precision, of the largest part of them."""
    scale = sum(level.encoding.w_max for level in one.levels)
    np.testing.assert_allclose(one.weights, wanted, rtol=0, atol=steps * 4e-7 * scale)


def polarity(one):
    return set(one.lowest.chop.tolist())


# -- ideal limits ------------------------------------------------------------------------------------------------------


@once
@given(
    cell=st.sampled_from([capacitors(2), capacitors(3), MIXED]),
    inversion=st.sampled_from(["array", "rows", None]),
    groups=st.integers(1, 7),
    offset=st.sampled_from([0.0, 0.1]),
    seed=st.integers(0, 1000),
)
def test_an_ideal_transfer_leaves_every_weight_unchanged(cell, inversion, groups, offset, seed):
    one = stack(cell, seed=seed)
    wanted = one.weights.copy()
    how = Transfer(closed_loop=EXACT, inversion=inversion, groups=groups, offset=offset)
    total = Outcome()
    for turn in range(1, 2 * groups + 1):
        total += transfer(one, how, turn, np.arange((turn - 1) % groups, 7, groups))
    close(one, wanted, steps=4)
    one.refresh()
    close(one, wanted, steps=4)
    assert total == Outcome(weights=2 * one.weights.size)
    assert one.counts.sum() == 0  # charges and exact writes are not pulses


@pytest.mark.parametrize("cell", [capacitors(2), capacitors(3), MIXED])
@pytest.mark.parametrize("offset", [0.0, 0.2])
def test_the_more_significant_arrays_take_all_but_the_offset(cell, offset):
    one = stack(cell)
    one.levels[0].set_weights(one.levels[0].weights * 0.8)  # room for the offset
    one.refresh()
    wanted = one.weights.copy()
    transfer(one, Transfer(closed_loop=EXACT, inversion="array", offset=offset), 1)
    assert polarity(one) == {-1}
    close(one, wanted)
    assert one.lowest.base == pytest.approx(wanted + offset, abs=1e-5)  # read with inverted polarity: high, not low
    assert one.lowest.part == pytest.approx(np.full((7, 4), offset), abs=1e-5)


def test_groups_transfer_their_own_rows_only():
    one = stack(capacitors(2))
    before = one.arrays()
    transfer(one, Transfer(closed_loop=EXACT), 1, np.array([1, 4]))
    rest = [0, 2, 3, 5, 6]
    assert (one.lowest.chop == [1, -1, 1, 1, -1, 1, 1]).all()
    assert (one.lowest.g[:, :, rest] == before["1.g"][:, :, rest]).all()
    assert one.levels[0].g[:, :, rest] == pytest.approx(before["0.g"][:, :, rest], rel=1e-6)
    assert one.lowest.part[[1, 4]] == pytest.approx(np.zeros((2, 4)), abs=1e-5)


@pytest.mark.parametrize(("inversion", "seen"), [("array", [{-1}, {1}]), (None, [{1}, {1}])])
def test_polarity_alternates_or_stays(inversion, seen):
    one = stack(capacitors(2))
    for number, expected in enumerate(seen, 1):
        transfer(one, Transfer(closed_loop=EXACT, inversion=inversion), number)
        assert polarity(one) == expected


def test_random_rows_change_their_polarity_as_often_as_they_should():
    one, how = Stack(capacitors(2), 100, 1), Transfer(closed_loop=EXACT, inversion="rows", probability=0.2)
    flips, rounds = 0, 60
    for number in range(rounds):
        before = one.lowest.chop.copy()
        transfer(one, how, number)
        flips += (one.lowest.chop != before).sum()
    n = 100 * rounds
    assert flips / n == pytest.approx(0.2, abs=5 * np.sqrt(0.2 * 0.8 / n))
    again = Stack(capacitors(2), 100, 1)
    for number in range(rounds):
        transfer(again, how, number)
    assert (again.lowest.chop == one.lowest.chop).all()


# -- polarity inversion takes out what is larger up than down ----------------------------------------------------------


@pytest.mark.parametrize("inversion", ["array", None])
@pytest.mark.parametrize("error", [0.05, -0.2])
def test_a_fixed_asymmetry_cancels_over_two_intervals_of_equal_activity(inversion, error):
    """A device steps a (1 + e) up and a (1 - e) down, so an interval errs by s a e N, with s the polarity and N the pulses.

    cristiano2018.md, section 5.5.
    """
    tilted = replace(CAPACITOR, step_up=STEP * (1 + error), step_down=STEP * (1 - error))
    cell = MultiConductance(
        parts=(
            Significance(device=IDEAL["constant"], gain=3.0),
            Significance(device=tilted, pair=ReferencedDevice),
        ),
        unit=UNIT,
    )
    one, how = Stack(cell, 6, 5), Transfer(closed_loop=EXACT, inversion=inversion)
    ups, downs = np.random.default_rng(2).integers(0, 15, (2, 6, 5))
    asked, drift = np.zeros((6, 5)), []
    for interval in range(4):
        for wanted in (ups, -downs) if interval % 2 == 0 else (downs, -ups):  # other pulses, the same activity
            pulses = np.ascontiguousarray((wanted * one.lowest.chop.astype(int)[:, None]).T)
            one.lowest.compiled("transfer").blind(one.lowest.state, np.arange(6), pulses, one.lowest.counts)
            asked += wanted * STEP / UNIT
        transfer(one, how, interval + 1)
        drift.append(one.weights - asked)
    activity = (ups + downs) * error * STEP / UNIT
    inverted = inversion is not None
    for interval, found in enumerate(drift, 1):
        expected = (interval % 2 if inverted else interval) * activity
        assert found == pytest.approx(expected, abs=2e-5)
    assert np.abs(activity).max() > 0.01


# -- what is left for the least significant cells ----------------------------------------------------------------------


@pytest.mark.parametrize("inversion", ["array", "rows", None])
def test_by_pulses_what_remains_is_under_half_a_step(inversion):
    cell = MultiConductance(
        parts=(Significance(device=CAPACITOR, gain=3.0), Significance(device=CAPACITOR, pair=ReferencedDevice)),
        unit=UNIT,
    )
    one = stack(cell)
    step = nominal_step(one.lowest)
    assert step == pytest.approx(STEP / UNIT)
    how = Transfer(closed_loop=EXACT, inversion=inversion, pulses=True)
    for number in range(1, 4):
        wanted = one.weights.copy()
        outcome = transfer(one, how, number)
        assert np.abs(one.weights - wanted).max() <= step / 2 + 1e-5
        assert outcome == Outcome(weights=28)
        assert one.lowest.counts[:2].sum() == one.lowest.writes.sum()
        assert np.abs(one.lowest.part).max() <= step / 2 + 1e-5  # an exact write leaves nothing else to hold
    assert one.lowest.writes[0].sum() > 0
    assert (one.lowest.writes[1] == 0).all()


def test_what_does_not_fit_into_the_least_significant_cell_is_counted():
    one = stack(capacitors(2))
    wanted = one.weights.copy()
    room = sum(level.encoding.w_max for level in one.levels)
    wanted[0, :3] = [room + 0.5, -room - 0.1, room - 0.01]
    outcome = load_weights(one, wanted, Transfer(closed_loop=EXACT), 1)
    assert outcome == Outcome(weights=28, clipped=2)
    assert one.weights[0, :2] == pytest.approx([room, -room], rel=1e-5)
    close(Stack(capacitors(2), 1, 1), [[0.0]])
    np.testing.assert_allclose(one.weights[0, 2:], wanted[0, 2:], atol=1e-5)
    np.testing.assert_allclose(one.weights[1:], wanted[1:], atol=1e-5)


def test_the_error_of_a_charge_is_what_it_says_and_comes_from_the_seed():
    def weights(seed, number):
        one = Stack(capacitors(2), 60, 60, seed=seed)
        load_weights(one, np.zeros((60, 60), np.float32), Transfer(closed_loop=EXACT, charge_cv=0.02), number)
        return one.weights.copy()

    first = weights(0, 1)
    span = IDEAL["constant"].g_max - IDEAL["constant"].g_min
    sd = 0.02 * span / UNIT * np.sqrt(2)  # two cells a weight
    assert first.std() == pytest.approx(sd, rel=0.05)
    assert abs(first.mean()) < 5 * sd / 60
    assert (weights(0, 1) == first).all()
    assert (weights(0, 2) != first).mean() > 0.99
    assert (weights(1, 1) != first).mean() > 0.99


def test_mismatch_of_the_charged_cells_goes_to_the_more_significant_ones():
    """Zero points differ from cell to cell; W - zero is written, and the sum is W."""
    spread = replace(CAPACITOR, spread=Spread(range_cv=0.05))
    cell = MultiConductance(
        parts=(Significance(device=CAPACITOR, gain=3.0), Significance(device=spread, pair=ReferencedDevice)), unit=UNIT
    )
    one = stack(cell)
    wanted = one.weights.copy()
    transfer(one, Transfer(closed_loop=EXACT, inversion="array"), 1)
    close(one, wanted)
    assert (np.abs(one.lowest.part) > 1e-3).all()
    array = Crossbar(spread, 7, 4, encoding=one.lowest.encoding, seed=5, index=1)
    array.charge()
    assert one.lowest.part == pytest.approx(array.part, abs=1e-5)


# -- with real devices -------------------------------------------------------------------------------------------------


def test_outcomes_add_up_and_agree_with_the_ledger():
    one, how = stack(BOTH), Transfer(closed_loop=ClosedLoop(tolerance=0.1, iterations=4), inversion="rows", groups=2)
    level = one.levels[0]
    total, writes = Outcome(), level.writes.copy()
    for turn in range(1, 5):
        rows = np.arange((turn - 1) % 2, 7, 2)
        outcome = transfer(one, how, turn, rows)
        assert outcome.weights == rows.size * 4
        assert 0 <= outcome.missed <= outcome.weights
        assert 0 <= outcome.clipped <= outcome.weights
        assert outcome.resets % 2 == 0
        total += outcome
    assert total.weights == 2 * 28
    assert level.counts[1] == total.resets <= 2 * total.weights  # RESET is the only pulse down, once a weight at most
    assert level.counts[0] + level.counts[1] == (level.writes - writes).sum()
    assert total.weights <= level.counts[4] <= total.weights * 5
    assert level.counts[2] == 2 * level.counts[4]
    assert total.missed > 0


def test_what_the_closed_loop_misses_is_made_up_for_by_the_charge():
    """Every sound weight that fits is kept to round-off, however bad the cells above."""
    sound = replace(PCM, faults=Faults(), endurance=Endurance(writes=1e6))
    cell = MultiConductance(
        parts=(Significance(device=sound), Significance(device=CAPACITOR, pair=ReferencedDevice)), unit=UNIT
    )
    one = stack(cell, rows=12)
    wanted = 0.5 * one.weights
    outcome = load_weights(one, wanted, Transfer(closed_loop=ClosedLoop(tolerance=0.2, iterations=3)), 1)
    held = np.abs(one.weights - wanted) < 1e-5
    assert (~held).sum() == outcome.clipped < 5
    assert np.abs(one.lowest.part).mean() > 0.01  # the more significant cells are off


def test_a_transfer_repeats_bit_for_bit_and_after_a_restore():
    how = Transfer(closed_loop=ClosedLoop(tolerance=0.1), inversion="rows", charge_cv=0.01, offset=0.1)
    one, other = stack(BOTH), stack(BOTH)
    outcomes = [transfer(each, how, 1) for each in (one, other)]
    again = Stack(BOTH, 7, 4, seed=5)
    again.restore(one.arrays())
    outcomes += [transfer(each, how, 2) for each in (one, other, again)]
    assert outcomes[0] == outcomes[1]
    assert outcomes[2] == outcomes[3] == outcomes[4]
    for name, value in one.arrays().items():
        np.testing.assert_array_equal(value, other.arrays()[name], err_msg=name)
        np.testing.assert_array_equal(value, again.arrays()[name], err_msg=name)


# -- pairs that saturate -----------------------------------------------------------------------------------------------


def saturating(device=PCM):
    one = Stack(replace(PAIR, parts=(Significance(device=device),)), 9, 5, seed=3).lowest
    rng = np.random.default_rng(4)
    one.g[:] = rng.uniform(one.cell[0], 0.9 * one.cell[1], one.g.shape)
    one.stick()
    one.refresh()
    return one


def due_in(array):
    used = (array.g - array.device.g_min) / (usable_top(array) - array.device.g_min)
    return (used.max(axis=0) > 0.75) & (used.min(axis=0) > 0.25)


def test_pairs_that_are_due_are_rewritten_and_others_left_alone():
    array = saturating()
    before, due = array.arrays(), due_in(array)
    outcome = refresh_pairs(array, ClosedLoop(tolerance=0.1), 1)
    assert outcome.weights == due.sum() > 3
    assert outcome.resets == 2 * outcome.weights == array.counts[1]
    assert (array.writes[:, ~due] == 0).all()
    assert (array.g[:, ~due] == before["g"][:, ~due]).all()
    assert (array.writes[:, due] > 0).all()
    met = np.abs(array.weights - before["weights"]).T[due] < 0.2  # tolerance, and the noise of the verify
    assert met.sum() >= outcome.weights - outcome.missed


def test_an_exact_refresh_keeps_the_weights_and_lowers_both_devices():
    array = saturating(QUIET_PCM)
    before, due = array.arrays(), due_in(array)
    outcome = refresh_pairs(array, EXACT, 1)
    assert outcome == Outcome(weights=due.sum())
    assert array.weights == pytest.approx(before["weights"], abs=1e-5)
    assert (array.g.min(axis=0)[due] == array.cell[0].min()).all()
    assert not due_in(array).any()


# -- mean responses ----------------------------------------------------------------------------------------------------


def test_usable_top_is_where_the_step_has_fallen_to_a_quarter():
    array = Crossbar(QUIET_PCM, 1, 1, encoding=OneSidedPair())
    d = QUIET_PCM
    wanted = d.saturation - 0.25 * (d.saturation - d.g_min)
    assert usable_top(array) == pytest.approx(wanted, abs=(d.g_max - d.g_min) / 256)
    assert usable_top(Crossbar(IDEAL["constant"], 1, 1)) == IDEAL["constant"].g_max


@pytest.mark.parametrize("encoding", [None, DifferentialPair(), ReferencedDevice(w_max=0.5), OneSidedPair()])
def test_nominal_step_is_the_mean_change_by_a_pulse_up_and_a_pulse_down(encoding):
    device = QUIET_PCM if isinstance(encoding, OneSidedPair) else IDEAL["exponential"]
    changes = []
    for way in (1, -1):
        array = Crossbar(device, 1, 1, encoding=encoding)
        if device.one_sided:
            array.g[0 if way > 0 else 1] += device.step_up * (1 - device.g_min / device.saturation)
            array.refresh()
        else:
            array.pulse(np.full((1, 1), way))
        changes.append(abs(float(array.weights[0, 0])))
    assert nominal_step(array) == pytest.approx(np.mean(changes), rel=1e-5)


def test_of_measured_jumps_the_mean_counts_and_not_the_smallest():
    jumps = JumpTable(
        g_min=0.0, g_max=1e-5, step_up=1e-7, step_down=1e-7, nodes=2, up=(0.0, 1.0, 2.0) * 2, down=(0.0, 1.0, 2.0) * 2,
        c2c_cv=1.0,
    )  # fmt: skip
    assert nominal_step(Crossbar(jumps, 1, 1)) == pytest.approx(1e-7 * 2 / 1e-5)


def test_a_device_that_does_not_move_has_no_nominal_step():
    with pytest.raises(InputError, match="LinearStep: a pulse does not move the cell from the middle"):
        nominal_step(Crossbar(replace(IDEAL["linear"], step_up=0.0, step_down=0.0), 1, 1))


# -- refusals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Transfer(every=0), "transfer.every: got 0"),
        (lambda: Transfer(every=10, groups=11), "transfer.groups: got 11; allowed is a whole number from 1 to 10"),
        (lambda: Transfer(offset=-0.1), "transfer.offset: got -0.1"),
        (lambda: Transfer(offset=None), "transfer.offset"),
        (lambda: Transfer(probability=1.5), "transfer.probability: got 1.5"),
        (lambda: Transfer(charge_cv=np.nan), "transfer.charge_cv"),
        (lambda: Transfer(inversion="all"), "transfer.inversion: got 'all'; allowed is 'array', 'rows' or None"),
        (lambda: ClosedLoop(tolerance=-1), "closed_loop.tolerance: got -1"),
        (lambda: ClosedLoop(iterations=0), "closed_loop.iterations: got 0"),
        (lambda: ClosedLoop(burst=2.5), "closed_loop.burst: got 2.5"),
        (
            lambda: transfer(stack(capacitors(2)), Transfer(closed_loop=ClosedLoop(blind=True)), 1),
            "closed_loop.blind: ConstantStep has no RESET",
        ),
    ],
)
def test_refuses_in_one_sentence(make, message):
    with pytest.raises(InputError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)
