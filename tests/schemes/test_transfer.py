"""Transfer: what it keeps, what it counts, and which errors a change of polarity takes out."""

from dataclasses import replace

import numpy as np
import pytest
from cases import IDEAL
from hypothesis import given, settings
from hypothesis import strategies as st
from stack_cases import BOTH, CAPACITOR, PCM, QUIET_PCM, STEP, UNIT, capacitors, stack, weights

from insitu.arrays import Crossbar
from insitu.arrays.closed_loop import ClosedLoop, usable_top
from insitu.cells import MultiConductance, OneSidedPair, ReferencedDevice, Significance
from insitu.devices.base import Endurance, Faults, ReadNoise, Spread
from insitu.errors import InputError
from insitu.ledger import Counts
from insitu.schemes import BlindPulses, MixedPrecision, Transfer
from insitu.schemes.events import carry_out, next_event
from insitu.schemes.transfer import load_levels, refresh_pairs, transfer

once = settings(derandomize=True, deadline=None, max_examples=40, database=None)
EXACT = ClosedLoop(tolerance=None)
EVERY_ROW = np.arange(7)
REACH = CAPACITOR.g_max - CAPACITOR.g_min
MIXED = MultiConductance(
    parts=(
        Significance(device=QUIET_PCM, gain=6.0),
        Significance(device=CAPACITOR, gain=2.0, pair=ReferencedDevice),
        Significance(device=CAPACITOR, pair=ReferencedDevice),
    ),
    unit=UNIT,
)


def moved(**options):
    """A transfer whose charges are exact."""
    return Transfer(charge_cv=None, **options)


def two(high, low=CAPACITOR, gain=3.0):
    """A part above one of a device against the reference of its column."""
    return MultiConductance(
        parts=(Significance(device=high, gain=gain), Significance(device=low, pair=ReferencedDevice)), unit=UNIT
    )


def close(one, wanted, steps=1.0):
    """Weights agree to the round-off of single precision, of the largest part of them."""
    np.testing.assert_allclose(one.values, wanted, rtol=0, atol=steps * 4e-7 * one.high)


def polarity(one):
    return set(one.array.chop.tolist())


def by(how, cell, *shape, **kwargs):
    """Weights of a stack that are transferred in this way."""
    return stack(cell, *shape, scheme=BlindPulses(transfer=how), **kwargs)


def plain(how, cell, *shape, **kwargs):
    """The same, all weights 0."""
    one = by(how, cell, *shape, **kwargs)
    one.put(np.zeros((one.rows, one.columns)))
    for level in one.levels:
        level.counts[:] = 0
    return one


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
    how = moved(closed_loop=EXACT, inversion=inversion, groups=groups, offset=offset)
    one = by(how, cell, seed=seed)
    wanted = one.values.copy()
    for turn in range(1, 2 * groups + 1):
        transfer(one, how, turn, np.arange((turn - 1) % groups, 7, groups))
    close(one, wanted, steps=4)
    one.refresh()
    close(one, wanted, steps=4)
    counts = Counts.of(one.counts)
    cells = np.count_nonzero(one.array.map.signs)  # of a weight, without the reference that its column shares
    assert (counts.tuned, counts.charges) == (2 * 28 * (len(one.levels) - 1), 2 * cells * 28)
    assert counts.missed == counts.clipped == 0


def test_an_exact_write_is_counted_as_one_pulse_of_each_cell_and_one_look_at_it():
    """Beside the looks at each of the arrays for what is kept, and at the charged one, two cells and one conversion each."""
    one = by(moved(closed_loop=EXACT, looks=1), capacitors(2))
    transfer(one, one.scheme.transfer, 1, EVERY_ROW)
    counts = Counts.of(one.counts)
    assert (one.levels[0].writes == 1).all()
    assert not one.array.writes.any()  # a charge is no pulse
    assert counts.pulses == 2 * 28
    assert counts.verify_reads == (2 + 4 + 2) * 28
    assert counts.verify_conversions == (2 + 2 + 1) * 28


@pytest.mark.parametrize("cell", [capacitors(2), capacitors(3), MIXED])
@pytest.mark.parametrize("offset", [0.0, 0.2])
def test_the_more_significant_arrays_take_all_but_the_offset(cell, offset):
    how = moved(closed_loop=EXACT, inversion="array", offset=offset)
    one = by(how, cell)
    one.levels[0].set_weights(one.levels[0].weights * 0.8)  # room for the offset
    one.refresh()
    wanted = one.values.copy()
    transfer(one, how, 1, EVERY_ROW)
    assert polarity(one) == {-1}
    close(one, wanted)
    assert one.array.base == pytest.approx(wanted + offset, abs=1e-5)  # read with inverted polarity: high, not low
    assert one.array.part == pytest.approx(np.full((7, 4), offset), abs=1e-5)


def test_groups_transfer_their_own_rows_only():
    how = moved(closed_loop=EXACT)
    one = by(how, capacitors(2))
    before = one.arrays()
    transfer(one, how, 1, np.array([1, 4]))
    rest = [0, 2, 3, 5, 6]
    assert (one.array.chop == [1, -1, 1, 1, -1, 1, 1]).all()
    assert (one.array.g[:, :, rest] == before["1.g"][:, :, rest]).all()
    assert one.levels[0].g[:, :, rest] == pytest.approx(before["0.g"][:, :, rest], rel=1e-6)
    assert np.abs(one.array.part[[1, 4]]) == pytest.approx(np.full((2, 4), how.offset), abs=1e-5)


@pytest.mark.parametrize(("inversion", "seen"), [("array", [{-1}, {1}]), (None, [{1}, {1}])])
def test_polarity_alternates_or_stays(inversion, seen):
    how = moved(closed_loop=EXACT, inversion=inversion)
    one = by(how, capacitors(2))
    for number, expected in enumerate(seen, 1):
        transfer(one, how, number, EVERY_ROW)
        assert polarity(one) == expected


def test_random_rows_change_their_polarity_as_often_as_they_should():
    how, rows, rounds = moved(closed_loop=EXACT, inversion="rows", probability=0.2), np.arange(100), 60
    one, again = (plain(how, capacitors(2), 100, 1) for _ in range(2))
    flips = 0
    for number in range(rounds):
        before = one.array.chop.copy()
        transfer(one, how, number, rows)
        flips += (one.array.chop != before).sum()
    n = 100 * rounds
    assert flips / n == pytest.approx(0.2, abs=5 * np.sqrt(0.2 * 0.8 / n))
    for number in range(rounds):
        transfer(again, how, number, rows)
    assert (again.array.chop == one.array.chop).all()


def test_transfers_come_in_their_turn_however_the_examples_are_counted():
    """As many as are due between two numbers of examples, each of its own rows."""
    how = moved(every=30, groups=3, closed_loop=EXACT, inversion="rows")
    ones = [by(how, capacitors(2)) for _ in range(2)]
    for end in range(10, 71, 10):
        carry_out(ones[0], end - 10, end)
    carry_out(ones[1], 0, 5)
    assert Counts.of(ones[1].counts).charges == 0
    carry_out(ones[1], 5, 33)
    carry_out(ones[1], 33, 74)
    assert [next_event(one, 65) for one in ones] == [70, 70]
    for name, value in ones[0].arrays().items():
        np.testing.assert_array_equal(value, ones[1].arrays()[name], err_msg=name)
    assert Counts.of(ones[0].counts).charges > 2 * 2 * 28


# -- polarity inversion takes out what is larger up than down ----------------------------------------------------------


@pytest.mark.parametrize("inversion", ["array", None])
@pytest.mark.parametrize("error", [0.05, -0.2])
def test_a_fixed_asymmetry_cancels_over_two_intervals_of_equal_activity(inversion, error):
    """A device steps a (1 + e) up and a (1 - e) down, so an interval errs by s a e N, with s the polarity and N the pulses.

    cristiano2018.md, section 5.5.
    """
    tilted = replace(CAPACITOR, step_up=STEP * (1 + error), step_down=STEP * (1 - error))
    how = moved(closed_loop=EXACT, inversion=inversion, offset=0.0)
    one = plain(how, two(IDEAL["constant"], tilted), 6, 5)
    one.array.chop[:] = 1
    ups, downs = np.random.default_rng(2).integers(0, 15, (2, 6, 5))
    size, start = STEP / (UNIT * REACH), one.values.copy()
    asked, drift = np.zeros((6, 5)), []
    for interval in range(4):
        for wanted in (ups, -downs) if interval % 2 == 0 else (downs, -ups):  # other pulses, the same activity
            rows, columns = np.nonzero(wanted)
            one.array.give(rows, columns, (wanted * one.array.chop.astype(int)[:, None])[rows, columns])
            asked += wanted * size
        transfer(one, how, interval + 1, np.arange(6))
        drift.append(one.values - start - asked)
    activity = (ups + downs) * error * size
    inverted = inversion is not None
    for interval, found in enumerate(drift, 1):
        expected = (interval % 2 if inverted else interval) * activity
        assert found == pytest.approx(expected, abs=2e-5)
    assert np.abs(activity).max() > 0.01


# -- what is left for the least significant cells ----------------------------------------------------------------------


@pytest.mark.parametrize("inversion", ["array", "rows", None])
def test_by_pulses_what_remains_is_under_half_a_step(inversion):
    how = moved(closed_loop=EXACT, inversion=inversion, pulses=True, offset=0.0)
    one = by(how, two(CAPACITOR))
    assert one.step == pytest.approx(STEP / (UNIT * REACH))
    for number in range(1, 4):
        wanted = one.values.copy()
        transfer(one, how, number, EVERY_ROW)
        assert np.abs(one.values - wanted).max() <= one.step / 2 + 1e-5
        assert one.array.counts[:2].sum() == one.array.writes.sum()
        assert np.abs(one.array.part).max() <= one.step / 2 + 1e-5  # an exact write leaves nothing else to hold
    assert Counts.of(one.counts).charges == 0
    assert one.array.writes[0].sum() > 0
    assert (one.array.writes[1] == 0).all()


def test_what_does_not_fit_into_the_least_significant_cell_is_counted():
    one = by(moved(closed_loop=EXACT, offset=0.0), capacitors(2))
    wanted = one.values.copy()
    wanted[0, :3] = [one.high + 0.5, one.low - 0.1, one.high - 0.01]
    load_levels(one, wanted, 1)
    counts = Counts.of(one.counts)
    assert (counts.charges, counts.clipped) == (2 * 28, 2)
    assert one.values[0, :2] == pytest.approx([one.high, one.low], rel=1e-5)
    np.testing.assert_allclose(one.values[0, 2:], wanted[0, 2:], atol=1e-5)
    np.testing.assert_allclose(one.values[1:], wanted[1:], atol=1e-5)


def test_the_error_of_a_charge_is_what_it_says_and_comes_from_the_seed():
    how = Transfer(closed_loop=EXACT, charge_cv=0.02, offset=0.0)

    def charged(seed, number):
        one = plain(how, capacitors(2), 60, 60, seed=seed)
        load_levels(one, np.zeros((60, 60), np.float32), number)
        return one.values.copy()

    first = charged(0, 1)
    sd = 0.02 / UNIT * np.sqrt(2)  # two cells a weight
    assert first.std() == pytest.approx(sd, rel=0.05)
    assert abs(first.mean()) < 5 * sd / 60
    assert (charged(0, 1) == first).all()
    assert (charged(0, 2) != first).mean() > 0.99
    assert (charged(1, 1) != first).mean() > 0.99


def test_mismatch_of_the_charged_cells_goes_to_the_more_significant_ones():
    """Zero points differ from cell to cell; W - zero is written, and the sum is W."""
    spread = replace(CAPACITOR, spread=Spread(range_cv=0.05))
    how = moved(closed_loop=EXACT, inversion="array", offset=0.0)
    one = by(how, two(CAPACITOR, spread))
    wanted = one.values.copy()
    transfer(one, how, 1, EVERY_ROW)
    close(one, wanted)
    assert (np.abs(one.array.part) > 1e-3).all()
    array = Crossbar(spread, 7, 4, encoding=one.array.encoding, seed=5, index=1)
    array.charge()
    assert one.array.part == pytest.approx(array.part, abs=1e-5)


# -- with real devices -------------------------------------------------------------------------------------------------


def test_what_a_transfer_does_agrees_with_the_ledger():
    how = moved(closed_loop=ClosedLoop(tolerance=0.002, iterations=4), inversion="rows", groups=2)
    one = by(how, BOTH)
    level, low = one.levels
    writes = level.writes.copy()
    for turn in range(1, 5):
        transfer(one, how, turn, np.arange((turn - 1) % 2, 7, 2))
    high, charged = Counts.of(level.counts), Counts.of(low.counts)
    assert high.tuned == 2 * 28
    assert 0 < high.missed <= high.tuned
    assert high.pulses_down == high.resets <= 2 * high.tuned  # RESET is the only pulse down, once a weight at most
    assert high.resets % 2 == 0
    assert high.pulses == (level.writes - writes).sum()
    assert (
        high.tuned * (how.looks + 1) < high.conversions <= high.tuned * (how.looks + 5 + how.looks)
    )  # what is kept, verifies, what was pulsed
    assert high.reads == high.verify_reads == 2 * high.conversions
    assert (
        charged.verify_reads == 2 * charged.verify_conversions == 2 * 2 * how.looks * high.tuned
    )  # as it was, and once charged
    assert charged.charges == 2 * 28
    assert 0 <= charged.clipped <= 2 * 28
    assert charged.pulses == 0


SOUND = replace(PCM, faults=Faults(), endurance=Endurance(writes=1e6), read_noise=ReadNoise())


def written(device, *shape, **loop):
    """Weights of which half was written over a device above capacitors, and by how much each is off."""
    looking = {} if loop.get("blind") else {"tolerance": 0.04, "iterations": 3}
    how = moved(closed_loop=ClosedLoop(**looking | loop), offset=0.0)
    one = by(how, two(device, gain=1.0), *shape)
    wanted = 0.5 * one.values
    load_levels(one, wanted, 1)
    return one, one.values - wanted


def test_what_the_closed_loop_misses_is_made_up_for_by_the_charge():
    """Every sound weight that fits is kept to round-off, however bad the cells above, if their reads are quiet."""
    one, error = written(SOUND, 12)
    assert (np.abs(error) > 1e-5).sum() == Counts.of(one.counts).clipped < 5
    assert np.abs(one.array.part).mean() > 0.01  # the more significant cells are off


def test_the_charge_makes_up_for_what_a_read_says_and_no_more():
    """The error that is left is that of the mean of some reads of the pair: its noise, with the sign turned round."""
    sd = 0.2e-6
    one, error = written(replace(SOUND, read_noise=ReadNoise(sd=sd)), 60, 60)
    fits = np.abs(one.array.part) < 0.9 * one.array.encoding.w_max
    looked = fits & (np.abs(one.array.base) > 0)
    expected = np.sqrt(np.square(one.levels[0].map.gains * sd).sum() / one.scheme.transfer.looks)
    assert error[looked].std() == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("looks", [1, 9])
def test_what_is_kept_is_what_reads_say(looks):
    """Written exactly, a weight is off by the noise of the reads that were kept, of all its cells together, new each time."""
    sd = 0.1e-6
    noisy = replace(CAPACITOR, read_noise=ReadNoise(sd=sd))
    how = moved(closed_loop=EXACT, offset=0.0, looks=looks)
    one = by(how, two(noisy, noisy), 60, 60)
    shifts = []
    for turn in (1, 2):
        before = one.values.copy()
        transfer(one, how, turn, np.arange(60))
        shifts.append((one.values - before).ravel())
    expected = np.sqrt(sum(np.square(level.map.gains * sd).sum() for level in one.levels) / looks)
    assert np.std(shifts[0]) == pytest.approx(expected, rel=0.05)
    assert abs(np.corrcoef(shifts)[0, 1]) < 0.1


@pytest.mark.parametrize("low", [CAPACITOR, QUIET_PCM], ids=["both ways", "one-sided"])
def test_a_charge_errs_whatever_the_cells_are(low):
    def shift(error):
        how = Transfer(closed_loop=EXACT, offset=0.0, charge_cv=error)
        one = by(
            how,
            MultiConductance(parts=(Significance(device=QUIET_PCM, gain=4.0), Significance(device=low)), unit=UNIT),
            30,
        )
        before = one.values.copy()
        transfer(one, how, 1, np.arange(30))
        return np.abs(one.values - before).mean()

    assert shift(None) < 1e-5
    assert shift(0.01) > 1e-4
    assert shift(0.1) > 5 * shift(0.01)


def test_only_cells_that_are_there_are_charged():
    one = by(moved(closed_loop=EXACT), capacitors(2))
    one.remove(np.arange(28).reshape(7, 4) % 2 == 0)
    transfer(one, one.scheme.transfer, 1, EVERY_ROW)
    assert Counts.of(one.counts).charges == 2 * 14


def test_a_part_that_takes_pulses_is_known_from_reads_too():
    """Its own noise, read once, comes off again: no pulse where nothing has to move."""
    noisy = replace(CAPACITOR, read_noise=ReadNoise(sd=0.5e-6))
    how = moved(closed_loop=EXACT, inversion=None, pulses=True, offset=0.0)
    one = by(how, two(QUIET_PCM, noisy), 30)
    one.levels[0].set_weights(np.zeros((30, 4)))
    one.array.set_weights(np.zeros((30, 4)))
    one.refresh()
    transfer(one, how, 1, np.arange(30))
    spread = np.sqrt(np.square(one.array.map.gains * 0.5e-6).sum() / how.looks)
    assert np.std(one.values) < 2 * spread


def test_what_takes_no_pulse_keeps_its_weight_however_noisy_its_reads_are():
    """Its upper part is what it was, so that the noise with which it was read comes off again."""
    noisy = replace(SOUND, read_noise=ReadNoise(sd=0.5e-6))
    how = moved(closed_loop=ClosedLoop(tolerance=0.5), offset=0.0, looks=1)
    one = by(how, two(noisy, gain=1.0), 20)
    before = one.values.copy()
    transfer(one, how, 1, np.arange(20))
    fits = np.abs(one.array.part) < 0.9 * one.array.encoding.w_max
    assert Counts.of(one.levels[0].counts).pulses == 0
    assert fits.mean() > 0.5
    np.testing.assert_allclose(one.values[fits], before[fits], atol=1e-5)


def test_a_blind_transfer_is_blind():
    """Nothing is read, so nothing of what the cells above miss comes back: the weights are as far off as these are."""
    one, error = written(SOUND, 60, 60, blind=True)
    assert Counts.of(one.levels[0].counts).verify_reads == 0
    assert np.abs(one.array.part).max() < 1e-6  # nothing is known to be missing
    assert error.std() > 0.05
    _, made_up = written(SOUND, 60, 60)
    assert error.std() > 20 * made_up.std()


def test_a_transfer_repeats_bit_for_bit_and_after_a_restore():
    how = Transfer(closed_loop=ClosedLoop(tolerance=0.02), inversion="rows", charge_cv=0.01, offset=0.1)
    one, other, again = (by(how, BOTH) for _ in range(3))
    for each in (one, other):
        transfer(each, how, 1, EVERY_ROW)
    again.restore(one.arrays())
    for each in (one, other, again):
        transfer(each, how, 2, EVERY_ROW)
    for name, value in one.arrays().items():
        np.testing.assert_array_equal(value, other.arrays()[name], err_msg=name)
        np.testing.assert_array_equal(value, again.arrays()[name], err_msg=name)


def test_removed_weights_take_no_pulse_of_a_transfer():
    how = moved(closed_loop=ClosedLoop(tolerance=0.02))
    one = by(how, BOTH)
    gone = np.arange(28).reshape(7, 4) % 3 == 0
    one.remove(gone)
    writes = [level.writes.copy() for level in one.levels]
    transfer(one, how, 1, EVERY_ROW)
    assert (one.values[gone] == 0).all()
    for level, before in zip(one.levels, writes, strict=True):
        assert (level.writes == before)[:, gone.T].all()
    assert (one.levels[0].writes != writes[0]).any()


# -- pairs that saturate -----------------------------------------------------------------------------------------------


def saturating(device=PCM, scheme=None):
    """Weights on pairs of which some are about to saturate."""
    one = weights(device, OneSidedPair(), scheme or BlindPulses(), 9, 5, seed=3)
    array, rng = one.array, np.random.default_rng(4)
    array.g[:] = rng.uniform(array.cell[0], 0.9 * array.cell[1], array.g.shape)
    array.stick()
    array.refresh()
    return one


def due_in(array):
    used = (array.g - array.device.g_min) / (usable_top(array.device) - array.device.g_min)
    return (used.max(axis=0) > 0.75) & (used.min(axis=0) > 0.25)


def test_pairs_that_are_due_are_rewritten_and_others_left_alone():
    array = saturating().array
    before, due = array.arrays(), due_in(array)
    refresh_pairs(array, moved(closed_loop=ClosedLoop(tolerance=0.02)))
    counts = Counts.of(array.counts)
    assert counts.tuned == due.sum() > 3
    assert counts.resets == 2 * counts.tuned == counts.pulses_down
    assert (array.writes[:, ~due] == 0).all()
    assert (array.g[:, ~due] == before["g"][:, ~due]).all()
    assert (array.writes[:, due] > 0).all()
    met = np.abs(array.weights - before["weights"]).T[due] < 2 * 0.02 * 2  # tolerance, and the noise of the verify
    assert met.sum() >= counts.tuned - counts.missed


def test_an_exact_refresh_keeps_the_weights_and_lowers_both_devices():
    array = saturating(QUIET_PCM).array
    before, due = array.arrays(), due_in(array)
    refresh_pairs(array, moved(closed_loop=EXACT))
    assert Counts.of(array.counts).tuned == due.sum()
    assert array.weights == pytest.approx(before["weights"], abs=1e-5)
    assert (array.g.min(axis=0)[due] == array.cell[0].min()).all()
    assert not due_in(array).any()


@pytest.mark.parametrize("scheme", [BlindPulses, MixedPrecision])
def test_pairs_are_looked_at_as_often_as_the_transfer_says(scheme):
    one = saturating(QUIET_PCM, scheme(transfer=moved(refresh=40)))
    assert next_event(one, 0) == 40
    carry_out(one, 0, 39)
    assert not one.array.writes.any()
    carry_out(one, 39, 41)
    assert one.array.writes.any()
    assert not due_in(one.array).any()
    never = saturating(QUIET_PCM, scheme(transfer=None))
    carry_out(never, 0, 10**6)
    assert not never.array.writes.any()


def test_removed_pairs_are_not_renewed():
    one = saturating()
    one.remove(due_in(one.array).T)
    refresh_pairs(one.array, moved())
    assert not one.array.writes.any()


def test_usable_top_is_where_the_step_has_fallen_to_a_quarter():
    d = QUIET_PCM
    wanted = d.saturation - 0.25 * (d.saturation - d.g_min)
    assert usable_top(d) == pytest.approx(wanted, abs=(d.g_max - d.g_min) / 256)
    assert usable_top(IDEAL["constant"]) == IDEAL["constant"].g_max


# -- refusals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Transfer(every=0), "transfer.every: got 0"),
        (lambda: Transfer(refresh=0), "transfer.refresh: got 0"),
        (lambda: Transfer(every=10, groups=11), "transfer.groups: got 11; allowed is a whole number from 1 to 10"),
        (lambda: Transfer(offset=-0.1), "transfer.offset: got -0.1"),
        (lambda: Transfer(offset=None), "transfer.offset"),
        (lambda: Transfer(probability=1.5), "transfer.probability: got 1.5"),
        (lambda: Transfer(charge_cv=np.nan), "transfer.charge_cv"),
        (lambda: Transfer(inversion="all"), "transfer.inversion: got 'all'; allowed is 'array', 'rows' or None"),
        (lambda: Transfer(closed_loop=0.1), "transfer.closed_loop: got 0.1"),
        (lambda: ClosedLoop(tolerance=-1), "closed_loop.tolerance: got -1"),
        (lambda: ClosedLoop(iterations=0), "closed_loop.iterations: got 0"),
        (lambda: ClosedLoop(burst=2.5), "closed_loop.burst: got 2.5"),
        (
            lambda: stack(capacitors(2), scheme=BlindPulses(transfer=Transfer(closed_loop=ClosedLoop(blind=True)))),
            "closed_loop.blind: ConstantStep has no RESET",
        ),
    ],
)
def test_refuses_in_one_sentence(make, message):
    with pytest.raises(InputError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)
