"""The programming of digital arrays against its slow twin, bit for bit."""

from dataclasses import replace

import numpy as np
import pytest
from cases import BAD_BINARY, BINARY, crossbar, polarities, program, rule, same
from naive_cells import Cells

from insitu.arrays.closed_loop import ClosedLoop
from insitu.cells import BitSlices
from insitu.devices.base import ReadNoise, Telegraph

NOISE = {"read_noise": ReadNoise(cv=0.1, sd=0.3e-6), "telegraph": Telegraph(fraction=0.5, jump=0.4)}
DEVICES = {"certain": BINARY, "worst": BAD_BINARY, "noisy": replace(BAD_BINARY, **NOISE)}
devices = pytest.mark.parametrize("device", DEVICES.values(), ids=DEVICES)


def digital(device, rows, columns, bits, index=0):
    return crossbar(device, rows, columns, encoding=BitSlices(bits=bits), index=index)


def everywhere(array):
    """Rows and columns of all weights."""
    return np.divmod(np.arange(array.rows * array.columns), array.columns)


def programmed(array, stdp=None, rounds=12):
    twin, stdp = Cells(array), stdp or rule()
    rng = np.random.default_rng(4)
    for spikes in range(rounds):
        for column in range(array.columns):
            up = (rng.random(array.rows) < 0.4).astype(np.uint8)
            program(array, column, up, stdp, spikes)
            twin.program(column, up, stdp, spikes)
    return twin


@devices
@pytest.mark.parametrize("bits", [1, 2, 5])
def test_program_is_its_twin(device, bits):
    array = digital(device, 40, 2, bits, index=3)
    array.freeze(polarities((40, 2)) > 0)
    same(array, programmed(array))


def test_sixteen_bits_are_their_twin():
    array = digital(BINARY, 30, 1, 16)
    same(array, programmed(array, rule(ltp=0.01, ltd=0.0001)))


@devices
def test_closed_loop_is_its_twin(device):
    array, loop = digital(device, 12, 3, 4), ClosedLoop(iterations=2)
    twin, (rows, columns) = Cells(array), everywhere(array)
    targets = np.random.default_rng(2).uniform(-1.1, 1.1, rows.size)
    found = array.tune(rows, columns, targets, loop)
    assert found.tolist() == twin.tune(rows, columns, targets, array.loop(loop, 0))
    same(array, twin)
    assert (twin.counts["missed"] == 0) == (device is BINARY)


@devices
def test_steps_of_codes_are_their_twin(device):
    array = digital(device, 12, 3, 4)
    twin, (rows, columns) = Cells(array), everywhere(array)
    for seed in range(4):
        steps = np.random.default_rng(seed).integers(-6, 7, rows.size)
        array.give(rows, columns, steps)
        twin.give(rows, columns, steps)
    same(array, twin)
    assert array.writes.sum() > 50


def test_a_code_moves_by_whole_bits_and_stops_at_its_ends():
    array = digital(BINARY, 1, 3, 3)
    array.set_weights(np.array([[-1.0, 0.0, 1.0]]))
    code = np.rint((array.weights + 1) * 3.5)
    array.give([0, 0, 0], [0, 1, 2], [2, -3, 4])
    assert np.rint((array.weights + 1) * 3.5).tolist() == [[2.0, max(code[0, 1] - 3, 0), 7.0]]


def test_steps_below_one_bit_are_right_on_average():
    """A third of a least significant bit, up: a third of 3,000 weights moves, and by exactly one."""
    array = digital(BINARY, 3000, 1, 2)
    array.set_weights(np.full((3000, 1), -1 / 3))
    program(array, 0, np.ones(3000), rule(ltp=2 / 9, decay=0.0, ltd=1.0), 0)
    moved = np.rint((array.weights[:, 0] + 1 / 3) * 1.5)
    assert set(moved.tolist()) == {0.0, 1.0}
    assert moved.mean() == pytest.approx(1 / 3, abs=4 * np.sqrt(2 / 9 / 3000))


def test_only_bits_that_change_are_pulsed():
    array = digital(BINARY, 1, 1, 4)
    array.write_verify(np.ones((1, 1), bool), -1 + 2 / 15 * 0b0101)
    assert array.writes[:, 0, 0].tolist() == [1, 0, 1, 0]
    array.write_verify(np.ones((1, 1), bool), -1 + 2 / 15 * 0b0110)
    assert array.writes[:, 0, 0].tolist() == [2, 1, 1, 0]
    assert array.counts[:2].tolist() == [3, 1]


def test_an_exact_loop_writes_codes_and_nothing_between_them():
    array = digital(BINARY, 1, 5, 2)
    array.tune(*everywhere(array), np.linspace(-0.8, 0.8, 5), ClosedLoop(tolerance=None))
    assert np.rint((array.weights + 1) * 1.5) == pytest.approx((array.weights + 1) * 1.5, abs=1e-5)
    at_an_end = [np.isclose(array.g, bound, rtol=1e-6) for bound in (BINARY.g_min, BINARY.g_max)]
    assert (at_an_end[0] | at_an_end[1]).all()
