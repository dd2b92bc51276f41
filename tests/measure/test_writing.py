import numpy as np
import pytest
from simulated import cycles, measured

from insitu.devices.base import Spread
from insitu.devices.check import check_device
from insitu.devices.library import load, numbers
from insitu.devices.linear import LinearStep
from insitu.errors import InputError
from insitu.measure import GRADUAL, fit
from insitu.measure.residuals import residuals, standardised
from insitu.measure.writing import device_file

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
