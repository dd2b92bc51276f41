"""Closed-loop tuning, rewriting and planned blind pulses against their slow twins, bit for bit."""

from dataclasses import replace

import naive_stack
import numpy as np
import pytest
from cases import WORST, crossbar, same
from stack_cases import PCM, QUIET_PCM

from insitu.cells import DifferentialPair, OneSidedPair, ReferencedDevice
from insitu.devices.base import Faults, ReadNoise

NOISY = replace(WORST["constant"], read_noise=ReadNoise(cv=0.02, sd=0.02e-6))
WAYS = {
    "one-sided pair": (PCM, OneSidedPair()),
    "pair": (NOISY, DifferentialPair()),
    "referenced": (replace(NOISY, read_noise=ReadNoise()), ReferencedDevice()),
}
every_way = pytest.mark.parametrize(("device", "encoding"), WAYS.values(), ids=WAYS)

#: tolerance, iterations, burst, top, floor, blind, read noise cv and sd, number of the first verify read
LOOPS = {
    "plain": (0.05, 6, 4, 5e-6, 0.0, 0.0),
    "floor": (0.05, 3, 40, 5e-6, 0.3, 0.0),
    "always RESET": (0.02, 9, 1, 1e-6, 0.0, 0.0),
    "exact": (0.0, 2, 2, 5e-6, 0.0, 0.0),
}
BLIND = (0.05, 6, 10_000, 5e-6, 0.3, 1.0)


def options(loop, device, number=2**33):
    return np.array([*loop, device.read_noise.cv or 0.0, device.read_noise.sd or 0.0, number])


def array_of(device, encoding, rows=8, columns=5):
    array = crossbar(device, rows, columns, encoding=encoding, index=2, stacked=True)
    rng = np.random.default_rng(7)
    array.base[:], array.chop[:] = rng.normal(size=(rows, columns)), rng.choice([-1, 1], rows)
    array.refresh()
    return array, rng.uniform(-1.1, 1.1, (columns, rows)).astype(np.float32)


@every_way
@pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)
def test_closed_loop_is_its_twin(device, encoding, loop):
    array, targets = array_of(device, encoding)
    twin, rows, tally = naive_stack.Cells(array), np.array([0, 2, 3, 5, 7]), np.zeros(2, np.int64)
    array.compiled("transfer").closed_loop(array.state, rows, targets, options(loop, device), array.counts, tally)
    assert tally.tolist() == naive_stack.closed_loop(twin, rows, targets, options(loop, device))
    same(array, twin)
    assert (array.writes[:, :, [1, 4, 6]] == 0).all()
    assert array.writes.sum() > 20


def test_blind_writing_and_rewriting_are_their_twins():
    array, targets = array_of(*WAYS["one-sided pair"])
    twin, kernels = naive_stack.Cells(array), array.compiled("transfer")
    rows, columns = np.array([3, 1, 7]), np.array([0, 4, 2])
    wanted = np.array([0.3, -0.5, 0.9])
    tallies = np.zeros((3, 2), np.int64)
    kernels.closed_loop(array.state, np.arange(8), targets, options(BLIND, PCM), array.counts, tallies[0])
    expected = [naive_stack.closed_loop(twin, range(8), targets, options(BLIND, PCM))]
    same(array, twin)
    assert (array.counts[2:8] == 0).all()  # not one look
    for tally, loop in zip(tallies[1:], (LOOPS["plain"], BLIND), strict=True):
        kernels.rewrite(array.state, rows, columns, wanted, options(loop, PCM), array.counts, tally)
        expected.append(naive_stack.rewrite(twin, rows, columns, wanted, options(loop, PCM)))
    same(array, twin)
    assert tallies.tolist() == expected
    assert tallies[:, 1].tolist() == [80, 6, 6]  # each weight RESET once, both devices


@every_way
def test_planned_pulses_are_their_twin(device, encoding):
    array, _ = array_of(device, encoding)
    twin, rows = naive_stack.Cells(array), np.array([1, 2, 6])
    pulses = np.random.default_rng(5).integers(-6, 7, (5, 8))
    array.compiled("transfer").blind(array.state, rows, pulses, array.counts)
    naive_stack.blind(twin, rows, pulses)
    same(array, twin)
    pulsed = np.count_nonzero(array.map.signs) if not device.one_sided else 1
    assert array.counts[:2].sum() == pulsed * np.abs(pulses[:, rows]).sum()


# -- what the loop promises, on a cell without noise -------------------------------------------------------------------


def tuned(array, targets, loop):
    tally = np.zeros(2, np.int64)
    array.compiled("transfer").closed_loop(
        array.state, np.arange(array.rows), targets, options(loop, array.device), array.counts, tally
    )
    return tally


def test_the_tally_and_the_tolerance_agree():
    array, targets = array_of(QUIET_PCM, OneSidedPair())
    missed, _ = tuned(array, targets, (0.04, 20, 10, 6e-6, 0.0, 0.0))
    off = np.abs(array.part - targets.T) > 0.04 + 1e-6
    assert missed == off.sum()
    assert (np.abs(targets.T[off]) > 0.7).all()  # beyond what can be reached
    assert (~off).sum() > 25


def test_a_weight_that_is_right_costs_one_look_and_no_pulse():
    array, _ = array_of(QUIET_PCM, OneSidedPair())
    tally = tuned(array, array.part.T.copy(), (1e-5, 20, 10, 6e-6, 0.0, 0.0))
    assert tally.tolist() == [0, 0]
    assert array.counts.tolist() == [0, 0, 80, 0, 40, 0, 0, 0, 0, 0, 0, 80, 40]


@pytest.mark.parametrize(("target", "resets"), [(0.2, 0), (-0.2, 1)])
def test_a_pair_is_reset_when_the_wanted_device_would_pass_the_top(target, resets):
    """Both devices high: a lower weight would need the other device above the top, so that the pair starts anew."""
    array = crossbar(QUIET_PCM, 1, 1, encoding=OneSidedPair(), stacked=True)
    array.g[:] = [[[4.9e-6]], [[4.5e-6]]]
    array.refresh()
    tally = tuned(array, np.full((1, 1), target, np.float32), (0.05, 10, 10, 6e-6, 0.0, 0.0))
    assert tally.tolist() == [0, 2 * resets]
    assert array.counts[1] == 2 * resets
    assert array.part == pytest.approx(np.full((1, 1), target), abs=0.05)
    assert (array.g.min() < 0.4e-6) == bool(resets)


@pytest.mark.parametrize(
    ("target", "before", "resets"), [(0.19, 0.5, 2), (-0.19, 0.5, 2), (0.19, 0.04, 0), (0.21, 0.5, 0)]
)
def test_a_target_under_the_floor_is_left_at_zero(target, before, resets):
    array = crossbar(QUIET_PCM, 1, 1, encoding=OneSidedPair(), stacked=True)
    array.set_weights(np.full((1, 1), before))
    tally = tuned(array, np.full((1, 1), target, np.float32), (0.05, 10, 10, 6e-6, 0.2, 0.0))
    assert tally.tolist() == [0, resets]
    assert array.part[0, 0] == pytest.approx(0.0 if resets else before if target == 0.19 else target, abs=0.05)


def test_a_weight_with_dead_cells_is_counted_as_missed_after_its_last_round():
    array = crossbar(replace(PCM, faults=Faults(dead=1.0)), 2, 2, encoding=OneSidedPair(), stacked=True)
    assert tuned(array, np.full((2, 2), 0.5, np.float32), LOOPS["plain"]).tolist() == [4, 0]
    assert array.counts[4] == 4 * 7  # six rounds, seven looks
    assert (array.g == 0).all()


def test_blind_writing_hits_what_the_nominal_cell_can_reach():
    """Within half a step, and zero stays zero."""
    array, _ = array_of(QUIET_PCM, OneSidedPair())
    targets = np.linspace(-0.6, 0.6, 40, dtype=np.float32).reshape(5, 8)
    targets[0, 0] = 0.0
    tuned(array, targets, BLIND)
    step = array.map.gains[0] * QUIET_PCM.step_up
    assert np.abs(array.part - targets.T).max() <= step / 2
    assert array.part[0, 0] == 0.0
