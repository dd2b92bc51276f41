"""Mixed precision against its slow twin, bit for bit."""

from dataclasses import replace

import naive_methods
import numpy as np
import pytest
from cases import IDEAL, RANGE, WORST, crossbar, same

from insitu.cells import DifferentialPair, OneSidedPair, ReferencedDevice
from insitu.devices.pcm import PhaseChange

PCM = PhaseChange(**RANGE, step_up=0.9e-6, saturation=9e-6, c2c_slope=0.09, c2c_sd=0.3e-6)
CASES = {
    "ideal": (IDEAL["constant"], None),
    "worst pair": (WORST["linear"], DifferentialPair()),
    "worst reference": (WORST["softbounds"], ReferencedDevice()),
    "one-sided pair": (PCM, OneSidedPair()),
}


def signals(rows, columns, n, seed=0):
    """Inputs of either sign, half of them silent, and errors."""
    rng = np.random.default_rng(seed)
    x = (rng.normal(size=(n, rows)) * (rng.random((n, rows)) < 0.5)).astype(np.float32)
    return x, (0.1 * rng.normal(size=(n, columns))).astype(np.float32)


@pytest.mark.parametrize(("device", "encoding"), CASES.values(), ids=CASES)
@pytest.mark.parametrize("most", [1, 31])
def test_update_is_its_twin(device, encoding, most):
    array = crossbar(device, 13, 9, encoding=encoding, stacked=True)
    array.chop[::3] = -1
    array.base[:] = 0.25
    array.refresh()
    twin = naive_methods.Stacked(array)
    chi = np.zeros((13, 9), np.float32)
    mine, method = chi.copy(), np.array([0.07, most])
    update = array.compiled("accumulate").update
    for shown, (x, d) in enumerate(zip(*signals(13, 9, 40), strict=True)):
        update(array.state, x, d, chi, method, shown, array.counts)
        naive_methods.accumulate(twin, x, d, mine, 0.07, most)
    same(array, twin)
    np.testing.assert_array_equal(chi, mine)
    assert array.writes.sum() > 100


def test_what_is_not_pulsed_waits():
    """The sum of all pulses and of the memory is the sum of all that was wanted, to round-off."""
    array = crossbar(replace(IDEAL["constant"], g_max=1e-3), 6, 5, encoding=DifferentialPair(), stacked=True)
    array.set_weights(np.zeros((6, 5)))
    chi, wanted = np.zeros((6, 5), np.float32), np.zeros((6, 5))
    step = float(array.map.gains[0]) * (array.device.step_up + array.device.step_down)
    for shown, (x, d) in enumerate(zip(*signals(6, 5, 50), strict=True)):
        array.compiled("accumulate").update(array.state, x, d / 50, chi, np.array([step, 1000.0]), shown, array.counts)
        wanted += np.outer(x, d / 50).astype(float)
    assert np.abs(chi).max() < step
    assert np.abs(array.weights).max() > 3 * step
    np.testing.assert_allclose(array.weights + chi, wanted, atol=1e-5)


def test_errors_without_bound_do_not_pulse_for_ever():
    array = crossbar(IDEAL["constant"], 3, 2, stacked=True)
    x, d = np.ones(3, np.float32), np.array([np.inf, np.nan], np.float32)
    array.compiled("accumulate").update(
        array.state, x, d, np.zeros((3, 2), np.float32), np.array([0.1, 5]), 0, array.counts
    )
    assert array.writes.tolist() == [[[5, 5, 5], [0, 0, 0]]]
