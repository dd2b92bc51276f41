"""Closed loops and listed pulses against their slow twins, bit for bit, and what a closed loop promises."""

from dataclasses import replace

import numpy as np
import pytest
from cases import WORST, crossbar, polarities, same
from naive_cells import Cells
from stack_cases import PCM, QUIET_PCM

from insitu.arrays.closed_loop import ClosedLoop, usable_top
from insitu.cells import DifferentialPair, OneSidedPair, ReferencedDevice
from insitu.devices.base import Faults, ReadNoise, Telegraph
from insitu.ledger import Counts

NOISY = replace(
    WORST["constant"], read_noise=ReadNoise(cv=0.02, sd=0.02e-6), telegraph=Telegraph(fraction=0.3, jump=0.2)
)
WAYS = {
    "one-sided pair": (PCM, OneSidedPair()),
    "pair": (NOISY, DifferentialPair()),
    "referenced": (WORST["constant"], ReferencedDevice()),
    "switch": (WORST["switch"], None),
}
every_way = pytest.mark.parametrize(("device", "encoding"), WAYS.values(), ids=WAYS)
LOOPS = {
    "plain": ClosedLoop(tolerance=0.03, iterations=6, burst=4),
    "floor": ClosedLoop(tolerance=0.03, iterations=3, burst=40, floor=0.3),
    "always RESET": ClosedLoop(tolerance=0.01, iterations=9, burst=1, fresh=True),
    "no tolerance": ClosedLoop(tolerance=0.0, iterations=2, burst=2),
}
BLIND = ClosedLoop(blind=True)


def array_of(device, encoding, rows=8, columns=5):
    """An array with something beneath its weights, and rows of either polarity."""
    array = crossbar(device, rows, columns, encoding=encoding, index=2, stacked=True)
    rng = np.random.default_rng(7)
    array.base[:], array.chop[:] = rng.normal(size=(rows, columns)), rng.choice([-1, 1], rows)
    array.refresh()
    return array


def some(array, n=23):
    """Rows, columns and targets of some weights, no two alike."""
    rng = np.random.default_rng(3)
    places = rng.permutation(array.rows * array.columns)[:n]
    return *np.divmod(places, array.columns), rng.uniform(-1.1, 1.1, n)


def untouched(array, rows, columns):
    mask = np.ones((array.columns, array.rows), bool)
    mask[columns, rows] = False
    return mask


@every_way
@pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)
def test_closed_loop_is_its_twin(device, encoding, loop):
    array = array_of(device, encoding)
    twin, (rows, columns, targets) = Cells(array), some(array)
    array.loops[...] = first = 2**33 // 7  # the number of the look passes 32 bits
    for number in (first, first + 1):
        found = array.tune(rows, columns, targets, loop)
        assert found.tolist() == twin.tune(rows, columns, targets, array.loop(loop, number))
    same(array, twin)
    assert not array.writes[:, untouched(array, rows, columns)].any()
    assert array.writes.sum() > 20


def test_blind_writing_is_its_twin():
    array = array_of(*WAYS["one-sided pair"])
    twin, (rows, columns, targets) = Cells(array), some(array)
    found = array.tune(rows, columns, targets, BLIND)
    assert found.tolist() == twin.tune(rows, columns, targets, array.loop(BLIND, 0)) == targets.tolist()
    same(array, twin)
    counts = Counts.of(array.counts)
    assert counts.reads == counts.conversions == 0  # not one look
    assert counts.resets == 2 * rows.size  # each weight RESET once, both devices


@every_way
def test_listed_pulses_are_their_twin(device, encoding):
    array = array_of(device, encoding)
    twin, (rows, columns, _) = Cells(array), some(array)
    pulses = np.random.default_rng(5).integers(-6, 7, rows.size)
    array.give(rows, columns, pulses)
    twin.give(rows, columns, pulses)
    same(array, twin)
    pulsed = 1 if device.one_sided else np.count_nonzero(array.map.signs)
    assert array.counts[:2].sum() == pulsed * np.abs(pulses).sum()


@pytest.mark.parametrize(("tolerance", "iterations"), [(0.05, 60), (0.01, 9)])
def test_write_verify_of_a_mask_is_its_twin(tolerance, iterations):
    array, loop = crossbar(WORST["constant"], 12, 3), ClosedLoop(tolerance=tolerance, iterations=iterations)
    twin, mask = Cells(array), polarities((12, 3)) != 0
    missed = array.write_verify(mask, 0.3, loop)
    rows, columns = np.nonzero(mask)
    twin.tune(rows, columns, np.full(rows.size, 0.3), array.loop(loop, 0))
    assert 0 < missed == twin.counts["missed"] < mask.sum()
    same(array, twin)


# -- what the loop promises, on a cell without noise -------------------------------------------------------------------


def tuned(array, targets, loop):
    """Tune all weights to targets (rows, columns); return what was found, and the counts."""
    rows, columns = np.divmod(np.arange(array.rows * array.columns), array.columns)
    found = array.tune(rows, columns, np.ravel(targets), loop)
    return found.reshape(array.rows, array.columns), Counts.of(array.counts)


def test_what_is_counted_as_missed_is_what_is_beyond_the_tolerance():
    array = array_of(QUIET_PCM, OneSidedPair())
    targets = np.random.default_rng(7).uniform(-1.1, 1.1, (8, 5))
    found, counts = tuned(array, targets, ClosedLoop(tolerance=0.02, iterations=20, burst=10))
    np.testing.assert_allclose(found, array.part, atol=1e-6)
    off = np.abs(array.part - targets) > 0.04 + 1e-6
    assert counts.missed == off.sum()
    assert (np.abs(targets[off]) > 0.7).all()  # beyond what can be reached
    assert (~off).sum() > 25


def test_a_weight_that_is_right_costs_one_look_and_no_pulse():
    array = array_of(QUIET_PCM, OneSidedPair())
    _, counts = tuned(array, array.part.copy(), ClosedLoop(tolerance=1e-5))
    assert counts == Counts(tuned=40, reads=80, verify_reads=80, conversions=40, verify_conversions=40)


@pytest.mark.parametrize(("target", "resets"), [(0.2, 0), (-0.2, 1)])
def test_a_pair_is_reset_when_the_wanted_device_would_pass_the_top(target, resets):
    """Both devices high: a lower weight would need the other device above the top, so that the pair starts anew."""
    array = crossbar(QUIET_PCM, 1, 1, encoding=OneSidedPair(), stacked=True)
    top = usable_top(QUIET_PCM)
    array.g[:] = [[[top - 1.1e-6]], [[top - 1.5e-6]]]
    array.refresh()
    _, counts = tuned(array, np.full((1, 1), target), ClosedLoop(tolerance=0.025, burst=10))
    assert counts.missed == 0
    assert counts.resets == counts.pulses_down == 2 * resets
    assert array.part == pytest.approx(np.full((1, 1), target), abs=0.05)
    assert (array.g.min() < 0.4e-6) == bool(resets)


@pytest.mark.parametrize(
    ("target", "before", "resets"), [(0.19, 0.5, 2), (-0.19, 0.5, 2), (0.19, 0.04, 0), (0.21, 0.5, 0)]
)
def test_a_target_under_the_floor_is_left_at_zero(target, before, resets):
    array = crossbar(QUIET_PCM, 1, 1, encoding=OneSidedPair(), stacked=True)
    array.set_weights(np.full((1, 1), before))
    _, counts = tuned(array, np.full((1, 1), target), ClosedLoop(tolerance=0.025, burst=10, floor=0.2))
    assert (counts.missed, counts.resets) == (0, resets)
    assert array.part[0, 0] == pytest.approx(0.0 if resets else before if target == 0.19 else target, abs=0.05)


def test_what_is_known_of_a_weight_under_the_floor_is_where_its_reset_has_left_it():
    array = crossbar(QUIET_PCM, 1, 1, encoding=OneSidedPair(), stacked=True)
    array.set_weights(np.full((1, 1), 0.5))
    found, _ = tuned(array, np.full((1, 1), 0.1), ClosedLoop(floor=0.2))
    assert found == pytest.approx(array.part, abs=0.05)


def test_a_weight_with_dead_cells_is_counted_as_missed_after_its_last_round():
    array = crossbar(replace(PCM, faults=Faults(dead=1.0)), 2, 2, encoding=OneSidedPair(), stacked=True)
    _, counts = tuned(array, np.full((2, 2), 0.5), LOOPS["plain"])
    assert (counts.missed, counts.tuned) == (4, 4)
    assert counts.conversions == 4 * 7  # six rounds, seven looks
    assert (array.g == 0).all()


def test_blind_writing_hits_what_the_nominal_cell_can_reach():
    """Within half a step, and zero stays zero."""
    array = array_of(QUIET_PCM, OneSidedPair())
    targets = np.linspace(-0.6, 0.6, 40).reshape(8, 5)
    targets[0, 0] = 0.0
    tuned(array, targets, BLIND)
    step = array.map.gains[0] * QUIET_PCM.step_up
    assert np.abs(array.part - targets).max() <= step / 2
    assert array.part[0, 0] == 0.0


def test_bursts_shrink_with_the_error():
    """So that a loop homes in; the first burst is the largest that is allowed."""
    device = replace(WORST["constant"].without("all"), step_up=0.05e-6, step_down=0.05e-6)
    array, loop = crossbar(device, 1, 1), ClosedLoop(tolerance=0.002, iterations=1, burst=20)
    array.set_weights(np.full((1, 1), -0.5))
    step, spent = array.map.gains[0] * 0.05e-6, [0]
    for _ in range(4):
        tuned(array, np.full((1, 1), -0.5 + 37.2 * step), loop)
        spent.append(int(array.writes.sum()))
    assert np.diff(spent).tolist() == [20, 17, 0, 0]
