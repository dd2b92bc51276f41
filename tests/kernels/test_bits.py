"""The programming of digital columns against its slow twin, bit for bit."""

import naive
import numpy as np
import pytest
from cases import BAD_BINARY, BINARY, IDEAL, crossbar, polarities, same

from insitu.cells import BitSlices

RULE = (0.252, 3.0, 0.004)
DEVICES = {"certain": BINARY, "worst": BAD_BINARY, "analogue": IDEAL["softbounds"]}
devices = pytest.mark.parametrize("device", DEVICES.values(), ids=DEVICES)


def digital(device, rows, columns, bits, index=0):
    return crossbar(device, rows, columns, encoding=BitSlices(bits=bits), index=index)


def programmed(array, rounds=12, rule=RULE):
    twin = naive.Cells(array)
    rng = np.random.default_rng(4)
    for spikes in range(rounds):
        for column in range(array.columns):
            up = (rng.random(array.rows) < 0.4).astype(np.uint8)
            array.kernels.program(array.state, column, up, np.array(rule), spikes, array.counts)
            twin.program_digital(column, up, rule, spikes)
    return twin


@devices
@pytest.mark.parametrize("bits", [1, 2, 5])
def test_program_is_its_twin(device, bits):
    array = digital(device, 40, 2, bits, index=3)
    array.freeze(polarities((40, 2)) > 0)
    same(array, programmed(array))


def test_sixteen_bits_are_their_twin():
    array = digital(BINARY, 30, 1, 16)
    same(array, programmed(array, rule=(0.01, 3.0, 0.0001)))


@devices
def test_write_verify_is_its_twin(device):
    array = digital(device, 12, 3, 4)
    twin, mask = naive.Cells(array), polarities((12, 3)) != 0
    missed = array.write_verify(mask, 0.3, tolerance=0.0, limit=2)
    assert missed == sum(twin.tune_digital(row, column, 0.3, 2) for row, column in np.argwhere(mask))
    assert (missed == 0) == (device is BINARY)
    same(array, twin)


def test_steps_below_one_bit_are_right_on_average():
    """A third of a least significant bit, up: a third of 3,000 weights moves, and by exactly one."""
    array = digital(BINARY, 3000, 1, 2)
    array.set_weights(np.full((3000, 1), -1 / 3))
    array.kernels.program(array.state, 0, np.ones(3000, np.uint8), np.array([2 / 9, 0.0, 1.0]), 0, array.counts)
    moved = np.rint((array.weights[:, 0] + 1 / 3) * 1.5)
    assert set(moved.tolist()) == {0.0, 1.0}
    assert moved.mean() == pytest.approx(1 / 3, abs=4 * np.sqrt(2 / 9 / 3000))


def test_only_bits_that_change_are_pulsed():
    array = digital(BINARY, 1, 1, 4)
    array.write_verify(np.ones((1, 1), bool), -1 + 2 / 15 * 0b0101, tolerance=0.0)
    assert array.writes[:, 0, 0].tolist() == [1, 0, 1, 0]
    array.write_verify(np.ones((1, 1), bool), -1 + 2 / 15 * 0b0110, tolerance=0.0)
    assert array.writes[:, 0, 0].tolist() == [2, 1, 1, 0]
    assert array.counts[:2].tolist() == [3, 1]
