from dataclasses import replace

import numpy as np
import pytest
from simulated import cycles, measured

from insitu.devices.base import Spread
from insitu.devices.check import check_device
from insitu.devices.library import load, numbers
from insitu.devices.linear import LinearStep
from insitu.errors import InputError
from insitu.measure import GRADUAL, compare, family_of, fit, pulses
from insitu.measure.families import GEOMETRIC
from insitu.measure.residuals import residuals, standardised
from insitu.measure.tabulating import table_of
from insitu.measure.writing import device_file, said_of_decades

DEVICE = LinearStep(
    g_min=1e-6,
    g_max=11e-6,
    step_up=0.2e-6,
    step_down=0.25e-6,
    gamma_up=0.7,
    gamma_down=0.8,
    c2c_cv=0.4,
    spread=Spread(step_cv=0.3),
)
LINEAR = next(family for family in GRADUAL if family.name == "linear")


@pytest.fixture(scope="module")
def found():
    data = measured(DEVICE, cycles(80, 80, 1), devices=3, read_sd=0.05e-6)
    return data, fit(data, LINEAR)


def test_the_file_is_the_device(found, tmp_path):
    data, one = found
    path = tmp_path / "mine.py"
    path.write_text(device_file(one, data))
    again = load(path)
    assert type(again.device) is LinearStep
    for name, value in numbers(one.device).items():
        assert numbers(again.device)[name] == pytest.approx(value, rel=1e-5), name
    assert check_device(again.device).passed
    assert again.summary.startswith("Linear law, fitted by insitu")
    assert again.provenance["step_up"].note.startswith("fit: ± ")
    assert again.provenance["spread.step_cv"].note.endswith("of 3 devices")
    assert "amplitude" in again.validity or "identical" in again.validity or again.validity.startswith("; within")


def test_notes_that_are_none(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        "from insitu.devices.constant import ConstantStep\nnotes = 3\n"
        "device = ConstantStep(g_min=0.0, g_max=1e-6, step_up=1e-8, step_down=1e-8)\n"
    )
    with pytest.raises(InputError, match=r"mine.py: notes is a int; allowed is a dictionary"):
        load(path)


def test_nothing_is_left_where_the_law_is_right(found):
    data, one = found
    left = residuals(one, data)
    assert left.sentences() == []
    assert left.sd == pytest.approx(1, abs=0.1)
    assert standardised(one, data).shape == data.after.shape


def test_rare_jumps_and_drift_are_said(found):
    data, one = found
    rng = np.random.default_rng(1)
    expected = np.sqrt(one.foreseen[1])
    jumps = one.foreseen[0] + expected * np.where(rng.random(expected.size) < 0.02, 12, 1) * rng.normal(
        size=expected.size
    )
    slow = np.convolve(rng.normal(size=expected.size + 4), np.ones(5) / np.sqrt(5), "valid")
    for after, words in ((jumps, "heavier tails"), (one.foreseen[0] + expected * (slow + 1), "hang together")):
        shown = residuals(
            one, type(data)(data.names, data.of, data.polarity, data.before, after, data.link)
        ).sentences()
        assert any(words in sentence for sentence in shown)
    assert any("come out above" in sentence for sentence in shown)
    assert any(sentence.startswith("Warning: successive errors hang together") for sentence in shown)


def test_a_cell_that_falls_again_is_said_to_have_no_law():
    """Conductance sinks after 50 up pulses of a train: no step that depends on the conductance alone does that."""
    rng, g, readings, train = np.random.default_rng(2), 1e-6, [1e-6], cycles(100, 100, 2)
    for k, sign in enumerate(train):
        wears = sign > 0 and k % 200 >= 50
        g = min(max(1e-6, g + (-0.5 if wears else sign) * 2e-7 * (1 + 0.2 * rng.normal())), 20e-6)
        readings.append(g)
    data = pulses(train, readings[:-1], readings[1:])
    for family in (LINEAR, table_of(data)):
        left = residuals(fit(data, family, jumps=False), data)  # nor do readings that jump
        assert not left.fits
        assert left.over_train > 0.2
        assert left.sentences()[0].startswith("Warning: no law that was tried fits.")


@pytest.mark.slow
def test_a_table_follows_steps_that_no_law_has():
    """The step has two humps."""
    rng, g, readings, train = np.random.default_rng(3), 1e-6, [1e-6], cycles(150, 150, 6)
    for sign in train:
        step = 1.5e-7 * (1.2 + np.cos(4 * np.pi * (g - 1e-6) / 10e-6)) * (1 + 0.2 * rng.normal())
        g = min(max(1e-6, g + sign * step), 11e-6)
        readings.append(g)
    read = np.array(readings) + 2e-8 * rng.normal(size=len(readings))
    data = pulses(train, read[:-1], read[1:])
    found = compare(data, [LINEAR, table_of(data)])
    assert found[0].fit.family.name == "table"
    table, line = (residuals(one.fit, data) for one in found)
    assert not line.fits
    assert table.over_state < line.over_state
    assert table.autocorrelation < 0.5 * line.autocorrelation
    assert found[0].fit.parameters > found[1].fit.parameters + 30


def test_too_few_pulses_give_no_table():
    assert table_of(measured(DEVICE, cycles(30, 30, 1))) is None


OWN = '''"""My filament."""

from __future__ import annotations

from dataclasses import dataclass

from insitu.devices.base import Device


@dataclass(frozen=True, kw_only=True)
class Diffusion(Device):
    """Each step is smaller, the more has grown."""

    saturation: float = 3
    offset: float = 0.0
    kind: int = 2
    table: tuple[float, ...] = (1.0, 2.0)

    @staticmethod
    def step(g, polarity, p, z):
        x = (g - p.g_min) / (p.g_max - p.g_min)
        noise = 1.0 + p.c2c_cv * z
        if polarity > 0:
            return g + p.step_up / (1.0 + p.saturation * x) * noise
        return g - p.step_down / (1.0 + p.saturation * (1.0 - x)) * noise


device = Diffusion(g_min=1e-6, g_max=11e-6, step_up=0.8e-6, step_down=0.6e-6, saturation=8.0, c2c_cv=0.2)
'''


def test_a_law_of_ones_own_is_fitted_and_its_file_is_complete(tmp_path):
    path = tmp_path / "filament.py"
    path.write_text(OWN)
    truth = load(path).device
    family = family_of("filament", replace(truth, saturation=3.0))
    assert set(family.free) == {"c2c_cv", "saturation", "offset"}
    assert family.fixed == {"kind": 2, "table": (1.0, 2.0)}
    assert not family.ours
    data = measured(truth, cycles(80, 80, 2), read_sd=0.05e-6)
    one = fit(data, family)
    assert one.estimates["saturation"].value == pytest.approx(8.0, rel=0.2)
    assert one.estimates["offset"].remark == "not determined"  # the law makes no use of it
    made = tmp_path / "fitted.py"
    made.write_text(device_file(one, data))
    path.unlink()
    again = load(made)
    assert again.device.saturation == pytest.approx(one.device.saturation, rel=1e-5)
    assert again.device.table == (1.0, 2.0)
    assert again.summary.startswith("Filament law, fitted by insitu")


def test_readings_over_decades_that_no_law_follows_are_said(found):
    readings = np.geomspace(1e-9, 1e-5, 41)
    data = pulses([1] * 40, readings[:-1], readings[1:])
    said = said_of_decades(False, GRADUAL[0], data)[0]
    assert said.startswith("Readings run over 4.0 decades, where steps are often even in ln G")
    assert "--law geometric" in said
    assert "not even in ln G either" in said_of_decades(False, GEOMETRIC, data)[0]
    assert said_of_decades(True, GRADUAL[0], data) == said_of_decades(False, GRADUAL[0], found[0]) == []
