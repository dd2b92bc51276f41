"""By how much a pulse moves a weight, and which cells can be which weights."""

from dataclasses import replace

import numpy as np
import pytest
from cases import BAD_BINARY, BINARY, IDEAL, WORST
from stack_cases import QUIET_PCM

from insitu.arrays import Crossbar
from insitu.cells import BitSlices, DifferentialPair, OneSidedPair, ReferencedDevice, SingleDevice
from insitu.cells.fitting import check_fit
from insitu.cells.steps import mean_steps
from insitu.devices.jumptable import JumpTable
from insitu.errors import InputError

UNEQUAL = replace(IDEAL["constant"], step_up=0.5e-6, step_down=0.3e-6)


@pytest.mark.parametrize(
    ("device", "encoding"),
    [
        (IDEAL["exponential"], SingleDevice()),
        (IDEAL["exponential"], SingleDevice(w_min=0.0, w_max=0.25)),
        (IDEAL["exponential"], DifferentialPair()),
        (UNEQUAL, ReferencedDevice(w_max=0.5)),
        (QUIET_PCM, OneSidedPair()),
    ],
    ids=["single", "single, shifted", "pair", "referenced", "one-sided"],
)
def test_the_steps_of_a_weight_are_those_of_one_pulse_in_the_middle_of_its_range(device, encoding):
    changes = []
    for way in (1, -1):
        array = Crossbar(device, 1, 1, encoding=encoding)
        middle = (encoding.w_min + encoding.w_max) / 2
        array.set_weights(np.full((1, 1), middle))
        array.pulse(np.full((1, 1), way))
        changes.append(way * (float(array.weights[0, 0]) - middle))
    assert mean_steps(device, encoding) == pytest.approx(changes, rel=1e-4)
    assert min(changes) > 0


def test_the_step_of_a_code_is_its_least_significant_bit():
    assert mean_steps(BINARY, BitSlices(bits=3, w_min=-1.0, w_max=2.5)) == pytest.approx((0.5, 0.5))


def test_of_measured_jumps_the_mean_counts_and_not_the_smallest():
    jumps = JumpTable(
        g_min=0.0, g_max=1e-5, step_up=1e-7, step_down=1e-7, nodes=2, up=(0.0, 1.0, 2.0) * 2, down=(0.0, 1.0, 2.0) * 2,
        c2c_cv=1.0,
    )  # fmt: skip
    assert mean_steps(jumps, SingleDevice()) == pytest.approx((1e-7 * 2 / 1e-5,) * 2)


def test_a_device_that_does_not_move_has_no_step():
    assert mean_steps(replace(UNEQUAL, step_down=0.0), SingleDevice())[1] == 0
    assert min(mean_steps(replace(UNEQUAL, step_down=0.0), DifferentialPair())) > 0  # the other device rises


@pytest.mark.parametrize("device", [BINARY, BAD_BINARY], ids=["sound", "worst"])
def test_bits_are_held_by_cells_that_switch_however_seldom(device):
    check_fit(device, BitSlices(bits=4))


@pytest.mark.parametrize("name", [*IDEAL, *(f"worst {name}" for name in WORST)])
def test_bits_are_not_held_by_cells_of_more_than_two_levels(name):
    device = WORST[name.removeprefix("worst ")] if name.startswith("worst") else IDEAL[name]
    with pytest.raises(InputError, match=f"a pulse moves {type(device).__name__} by less; allowed is a binary device"):
        check_fit(device, BitSlices(bits=1))


def test_devices_that_move_both_ways_can_be_anything_else():
    for encoding in (SingleDevice(), DifferentialPair(), ReferencedDevice(), OneSidedPair()):
        check_fit(IDEAL["constant"], encoding)
    check_fit(QUIET_PCM, OneSidedPair())
