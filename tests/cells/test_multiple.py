"""Weights of several conductances, and the pairs that they are made of."""

from dataclasses import replace

import numpy as np
import pytest
from cases import IDEAL
from stack_cases import CAPACITOR, QUIET_PCM, UNIT, capacitors

from insitu.arrays import Crossbar
from insitu.cells import DifferentialPair, MultiConductance, OneSidedPair, ReferencedDevice, SingleDevice
from insitu.cells.multiple import Significance
from insitu.errors import InputError

WEIGHTS = np.linspace(-1.2, 1.2, 25)


@pytest.mark.parametrize(
    ("encoding", "device"),
    [(OneSidedPair(w_max=0.8), QUIET_PCM), (ReferencedDevice(w_max=0.8), IDEAL["constant"])],
    ids=["one-sided", "referenced"],
)
def test_a_pair_holds_the_weights_of_its_range(encoding, device):
    g = encoding.encode(WEIGHTS, device)
    gains, signs, offset = encoding.map(device)
    assert offset + np.tensordot(gains, g, 1) == pytest.approx(np.clip(WEIGHTS, -0.8, 0.8))
    assert g.min() >= device.g_min * (1 - 1e-12)
    assert g.max() <= device.g_max * (1 + 1e-12)
    assert (gains[signs != 0] * signs[signs != 0] > 0).all()


def test_of_a_one_sided_pair_one_device_stands_at_g_min():
    g = OneSidedPair().encode(WEIGHTS, QUIET_PCM)
    assert (g.min(axis=0) == QUIET_PCM.g_min).all()


def test_the_reference_stands_in_the_middle_takes_no_pulse_and_is_one_cell_a_column():
    encoding, device = ReferencedDevice(), IDEAL["constant"]
    assert (encoding.encode(WEIGHTS, device)[1] == (device.g_min + device.g_max) / 2).all()
    assert encoding.map(device).signs.tolist() == [1, 0]
    spread = replace(device, spread=replace(device.spread, range_cv=0.1, step_cv=0.1))
    array = Crossbar(spread, 6, 4, encoding=encoding)
    assert (array.cell[:, 1] == array.cell[:, 1, :, :1]).all()
    assert (np.diff(array.cell[0, 1, :, 0]) != 0).all()  # a cell of its own in every column
    assert (np.diff(array.cell[0, 0]) != 0).all()


def test_a_siemens_counts_for_its_gain_in_every_part_of_devices_of_one_range():
    cell = MultiConductance(
        parts=(
            Significance(device=QUIET_PCM, gain=3.0),
            Significance(device=CAPACITOR, gain=2.0, pair=ReferencedDevice),
            Significance(device=CAPACITOR),
        ),
        unit=UNIT,
    )
    levels = cell.levels(IDEAL["linear"])
    assert [type(encoding) for _, encoding in levels] == [OneSidedPair, ReferencedDevice, DifferentialPair]
    for part, (device, encoding) in zip(cell.parts, levels, strict=True):
        assert device is part.device
        siemens = UNIT * (device.g_max - device.g_min)  # of the least significant part that make a weight of 1
        assert abs(encoding.map(device).gains) == pytest.approx(np.full(2, part.gain / siemens))


def test_significances_share_one_unit():
    ranges = [encoding.w_max for _, encoding in capacitors(3).levels(CAPACITOR)]
    assert ranges == pytest.approx([16 * ranges[2], 4 * ranges[2], 1 / UNIT])


def test_a_range_of_the_least_significant_part_is_what_the_unit_says_whatever_the_device():
    """So that the same cell holds the same weights on a device of a thousandth of the conductance."""
    small = replace(CAPACITOR, g_min=1e-9, g_max=8e-9, step_up=1e-11, step_down=1e-11)
    cell = MultiConductance(parts=(Significance(gain=3.0, pair=ReferencedDevice), Significance()), unit=2.0)
    reach = [[(one.w_min, one.w_max) for _, one in cell.levels(device)] for device in (CAPACITOR, small)]
    assert reach[0] == reach[1] == [(-0.75, 0.75), (-0.5, 0.5)]


def test_parts_that_name_no_device_are_of_that_of_the_network():
    cell = MultiConductance(parts=(Significance(device=QUIET_PCM, gain=3.0), Significance()))
    assert [device for device, _ in cell.levels(CAPACITOR)] == [QUIET_PCM, CAPACITOR]
    assert [type(encoding) for _, encoding in cell.levels(QUIET_PCM)] == [OneSidedPair, OneSidedPair]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Significance(device="pcm"), "device: got 'pcm'; allowed is a Device"),
        (lambda: Significance(device=CAPACITOR, gain=0.0), "gain: got 0.0"),
        (lambda: Significance(device=CAPACITOR, gain=np.nan), "gain"),
        (lambda: Significance(device=CAPACITOR, pair=SingleDevice), "pair: got .*SingleDevice"),
        (lambda: Significance(device=CAPACITOR, pair=DifferentialPair()), "pair: got DifferentialPair"),
        (lambda: MultiConductance(), "parts: allowed is a tuple of one or more Significance"),
        (lambda: MultiConductance(parts=(CAPACITOR,)), "parts"),
        (lambda: MultiConductance(parts=(Significance(device=CAPACITOR),), unit=0.0), "unit: got 0.0"),
        (
            lambda: MultiConductance(parts=(Significance(device=CAPACITOR),), unit=1e-9),
            "unit: got 1e-09; .* It is in ranges",
        ),
        (lambda: ReferencedDevice(w_max=-1.0), "w_max: got -1.0"),
        (lambda: OneSidedPair(w_max=np.nan), "w_max"),
    ],
)
def test_refuses(make, message):
    with pytest.raises(InputError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)
