import numpy as np
import pytest
from device_strategies import RANGE
from hypothesis import given
from hypothesis import strategies as st

from insitu.devices.base import Spread, parameters
from insitu.devices.response import mean_response, response_samples
from insitu.devices.switch import StochasticSwitch
from insitu.errors import InputError


@given(levels=st.integers(2, 300), data=st.data())
def test_a_certain_pulse_moves_exactly_one_level(levels, data):
    device = StochasticSwitch(**RANGE, levels=levels)
    k = data.draw(st.integers(0, levels - 1))
    g = 1e-6 + 8e-6 * k / (levels - 1)
    up, down = (mean_response(device, [polarity], g)[-1] for polarity in (1, -1))
    assert up == pytest.approx(1e-6 + 8e-6 * min(k + 1, levels - 1) / (levels - 1), rel=1e-12)
    assert down == pytest.approx(1e-6 + 8e-6 * max(k - 1, 0) / (levels - 1), rel=1e-12)


def test_a_binary_cell_between_its_levels_is_written_to_a_bound():
    device = StochasticSwitch(**RANGE)
    for g in (1.5e-6, 4.9e-6, 5.1e-6, 8.9e-6):
        assert mean_response(device, [1], g)[-1] == 9e-6
        assert mean_response(device, [-1], g)[-1] == 1e-6


def test_probability_decides():
    device = StochasticSwitch(**RANGE, probability_up=0.3, probability_down=0.8)
    p = parameters(device)
    assert device.step(1e-6, 1, p, 0.29) == pytest.approx(9e-6)
    assert device.step(1e-6, 1, p, 0.31) == 1e-6
    assert device.step(9e-6, -1, p, 0.79) == pytest.approx(1e-6)
    assert device.step(9e-6, -1, p, 0.81) == 9e-6


def test_waiting_time_is_geometric():
    device = StochasticSwitch(**RANGE, probability_up=0.25)
    g = response_samples(device, [1] * 80, n=2000, seed=3)
    waits = 1 + (g[:, 1:] < 5e-6).sum(axis=1)
    assert waits.mean() == pytest.approx(4.0, abs=4 * np.sqrt(12 / 2000))  # variance (1 - p) / p^2 = 12
    assert (waits == 1).mean() == pytest.approx(0.25, abs=4 * np.sqrt(0.25 * 0.75 / 2000))


def test_levels_follow_the_range_of_the_cell():
    g = response_samples(StochasticSwitch(**RANGE, levels=3, spread=Spread(range_cv=0.2)), [1, 1], n=50, seed=0)
    assert g[:, 1] == pytest.approx((g[:, 0] + g[:, 2]) / 2)
    assert g[:, 2].std() > 0.5e-6


def test_is_noisy_only_below_certainty():
    assert not StochasticSwitch(**RANGE).noisy
    assert StochasticSwitch(**RANGE, probability_down=0.99).noisy


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"levels": 1}, "levels: got 1"),
        ({"levels": 2.0}, "whole number"),
        ({"levels": True}, "whole number"),
        ({"probability_up": 1.2}, "probability_up"),
        ({"probability_down": None}, "probability_down: got None"),
        ({"c2c_cv": 0.3}, "c2c_cv: leave it None"),
        ({"spread": Spread(step_cv=0.1)}, "only spread.range_cv applies"),
    ],
)
def test_refuses(values, message):
    with pytest.raises(InputError, match=message):
        StochasticSwitch(**RANGE, **values)
