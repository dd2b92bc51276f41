"""What a measured pulse costs, and that insitu price finds it."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from simulated import cycles, measured, write_csv

from insitu.devices.softbounds import SoftBounds
from insitu.ledger import Counts, costset
from insitu.ledger.bill import price
from insitu.ledger.counts import LEVELS
from insitu.ledger.usage import Usage
from insitu.measure import read_pulses
from insitu.measure.energies import cost_set, pulse_energies

DEVICE = SoftBounds(g_min=1e-6, g_max=9e-6, step_up=0.6e-6, step_down=0.4e-6, c2c_cv=0.3)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    path = write_csv(tmp_path_factory.mktemp("pulses") / "mine.csv", measured(DEVICE, cycles(30, 30, 1), devices=2))
    cells = np.array([[1e-6, 1e-6], [8.6e-6, 9.2e-6], [0.6e-6, 0.6e-6], [0.4e-6, 0.4e-6]])
    return read_pulses(path), SimpleNamespace(device=DEVICE, cells=cells)


def test_a_pulse_takes_v_squared_g_t(found):
    data, _ = found
    energies = pulse_energies(data)
    up = data.polarity > 0
    each = 1.2**2 * 1e-7 * (data.before[up] + data.after[up]) / 2
    assert energies["up"].value == pytest.approx(np.median(each))
    assert (energies["up"].low, energies["up"].high) == pytest.approx(np.quantile(each, (0.05, 0.95)))
    down = 1.5**2 * 1e-7 * (data.before[~up] + data.after[~up]) / 2
    assert energies["down"].value == pytest.approx(np.median(down))


def test_devices_that_are_left_out_take_their_pulses_with_them(found):
    data, _ = found
    one = data.only([1])
    assert one.amplitude.size == one.width.size == one.polarity.size == data.polarity.size // 2


def test_without_amplitude_or_width_there_is_no_cost_set(found):
    data, one = found
    for gone in ("amplitude", "width"):
        bare = replace(data, **{gone: None})
        assert pulse_energies(bare) == {}
        assert cost_set("mine", one, bare) is None


def test_the_cost_set_prices_pulses_by_the_conductances_they_met(found, tmp_path):
    data, one = found
    device = tmp_path / "mine.py"
    costset.beside(device).write_text(cost_set("mine", one, data))
    known = costset.memory_of(str(device))
    assert known.get("voltage_up").value == 1.2
    assert known.get("voltage_down").value == 1.5
    assert known.get("width_up").unit == "s"
    g_max = known.get("g_on")
    assert g_max.low <= g_max.value <= g_max.high
    assert g_max.value == pytest.approx(one.device.g_max, rel=1e-5)
    assert known.get("read_voltage").tag == "ours"
    pulses = 1000
    counts = Counts(pulses_up=pulses, conductance_up=round(pulses * LEVELS * 0.5))  # each at half of g_max
    usage = Usage(
        part="layer", phase="learning", doing="writing", device=str(device), rows=1, columns=1, planes=1, level=0.5,
        counts=counts, times=1, lines=1,
    )  # fmt: skip
    (line,) = [line for line in price([usage], {str(device): known}, None).lines if line.group == "cells programmed"]
    assert line.energy.value == pytest.approx(pulses * 1.2**2 * 1e-7 * 0.5 * one.device.g_max, rel=1e-4)


def test_cells_of_nanosiemens_cost_a_thousandth_of_those_of_microsiemens(found, tmp_path):
    data, one = found
    less = replace(data, before=data.before / 1e3, after=data.after / 1e3)
    device = replace(DEVICE, g_min=DEVICE.g_min / 1e3, g_max=DEVICE.g_max / 1e3)
    small = SimpleNamespace(device=device, cells=one.cells / 1e3)
    for name, text in (("large", cost_set("cell", one, data)), ("small", cost_set("cell", small, less))):
        (tmp_path / f"{name}.toml").write_text(text)
    large, small = (costset.load(str(tmp_path / f"{name}.toml")).get("g_on") for name in ("large", "small"))
    assert (small.low, small.value, small.high) == pytest.approx(
        (large.low / 1e3, large.value / 1e3, large.high / 1e3), rel=1e-5
    )
    assert pulse_energies(less)["up"].value == pytest.approx(pulse_energies(data)["up"].value / 1e3)


def test_a_name_of_the_library_is_no_file(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    Path("yi2022-taox.costs.toml").write_text("nonsense")
    assert costset.memory_of("yi2022-taox").name == "oxide-rram"
    assert costset.memory_of("mine.py") is None
