import subprocess
import sys

import pytest

from insitu.devices.base import Spread
from insitu.devices.library import ParameterSet, Value, load, names, numbers
from insitu.devices.softbounds import SoftBounds
from insitu.devices.switch import StochasticSwitch
from insitu.errors import RunError
from insitu.reports.device_plot import plot_pulse_response


def _set(device):
    origin = {field: Value("ours", "x") for field in numbers(device)}
    return ParameterSet(name="x", device=device, summary="a test", source="s.", validity="v.", provenance=origin)


OTHERS = [
    StochasticSwitch(g_min=1e-6, g_max=8e-6, levels=8, probability_up=0.3, spread=Spread(range_cv=0.1)),
    StochasticSwitch(g_min=1e-6, g_max=8e-6, probability_up=0.0, probability_down=0.0),
    SoftBounds(g_min=1e-9, g_max=40e-9, step_up=1e-9, step_down=2e-9, c2c_cv=0.5),
    SoftBounds(g_min=1e-9, g_max=40e-9, step_up=0.0, step_down=0.0),
]


ONE_OF_EACH = {type(load(name).device): load(name) for name in reversed(names())}  # the first of each family


@pytest.mark.parametrize(
    "parameter_set", [*ONE_OF_EACH.values(), *map(_set, OTHERS)], ids=lambda s: type(s.device).__name__
)
def test_draws_a_png(parameter_set, tmp_path):
    path = plot_pulse_response(parameter_set, tmp_path / "response.png")
    assert path == tmp_path / "response.png"
    assert path.read_bytes().startswith(b"\x89PNG")


def test_a_folder_that_is_not_there_is_made_and_one_that_cannot_be_is_a_sentence(tmp_path):
    path = plot_pulse_response(load("ideal"), tmp_path / "new" / "response.png")
    with pytest.raises(RunError, match="cannot be written"):
        plot_pulse_response(load("ideal"), path / "response.png")


def test_leaves_pyplot_alone():
    code = "import sys, insitu.reports.device_plot; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
