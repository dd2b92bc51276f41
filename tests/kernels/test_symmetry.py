"""Alternating pulses against their slow twin, bit for bit."""

from dataclasses import replace

import naive_methods
import numpy as np
import pytest
from cases import IDEAL, WORST, crossbar
from naive_cells import Cells

from insitu.cells import DifferentialPair
from insitu.devices.compiled import kernels


def alternate(array, noise, pairs):
    kernels(array.device, "alternate").alternate(array.address, np.array(noise), pairs)


@pytest.mark.parametrize("name", ["softbounds", "switch", "constant"])
def test_alternating_pulses_are_their_twin(name):
    array = crossbar(WORST[name], 6, 5, encoding=DifferentialPair(), stacked=True)
    z = [0.0] if name != "switch" else [0.25, 0.75]
    twin = Cells(array)
    alternate(array, z, 40)
    for at in np.ndindex(array.g.shape):
        twin.g[at] = naive_methods.alternated(twin, at, z, 40)
    np.testing.assert_array_equal(array.g, twin.g)


def test_soft_bounds_come_to_rest_in_the_middle_if_steps_are_equal():
    array = crossbar(replace(IDEAL["softbounds"], step_up=0.3e-6, step_down=0.3e-6), 4, 4, stacked=True)
    alternate(array, [0.0], 10_000)
    middle = (array.device.g_min + array.device.g_max) / 2
    assert array.g == pytest.approx(np.full(array.g.shape, middle), abs=0.3e-6 / 2)
