"""The compiled law of every family is the law as Python reads it."""

from dataclasses import replace

import numpy as np
import pytest
from device_strategies import EXAMPLES

from insitu.devices.base import CELL_FIELDS, parameters
from insitu.devices.compiled import flat_parameters, kernels

NOISY = [device if device.draw == "uniform" else replace(device, c2c_cv=0.3) for device in EXAMPLES]


@pytest.mark.parametrize("device", NOISY, ids=lambda device: type(device).__name__)
def test_compiled_law_is_the_python_law(device):
    of, law = kernels(device, "alternate"), np.array(flat_parameters(device))  # which compiles soonest
    compiled, plain = of.cell_parameters.py_func(*law[: len(CELL_FIELDS)], law), parameters(device)
    assert compiled._fields == plain._fields
    beside = of.cell_beside.py_func(*range(len(CELL_FIELDS)), compiled)
    assert list(beside[: len(CELL_FIELDS)]) == list(range(len(CELL_FIELDS)))
    for a, b in zip(beside[len(CELL_FIELDS) :], compiled[len(CELL_FIELDS) :], strict=True):
        assert np.array_equal(a, b)
    draws = (1e-9, 0.2, 0.77, 1 - 1e-9) if device.draw == "uniform" else (-3.0, -0.4, 0.0, 1.7)
    for g in np.linspace(device.g_min, device.g_max, 13).tolist():
        for polarity in (1, -1):
            for z in draws:
                expected = device.step(g, polarity, plain, z)
                assert of.step(g, float(polarity), compiled, z) == pytest.approx(expected, rel=1e-8)
