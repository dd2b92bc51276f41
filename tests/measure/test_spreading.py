"""From the cells that were measured to the spread of devices."""

import numpy as np
import pytest
from simulated import cycles, measured

from insitu.devices.linear import LinearStep
from insitu.errors import InputError
from insitu.measure import GRADUAL, fit
from insitu.measure.ending import reached, said_of_range
from insitu.measure.modelling import Model
from insitu.measure.spreading import spread_of

RANGES = np.array([[1e-6] * 4, [11e-6] * 4])
ALL = np.ones((2, 4), bool)
NAMES = ("c0", "c1", "c2", "c3")


def test_steps_too_far_apart_are_refused_by_the_name_of_the_device():
    """A cell whose readings hardly move gets any step: not the spread is at fault, but that cell."""
    factors = np.array([[1.0, 1.1, 0.9, 50.0], [1.0, 1.1, 0.9, 0.02]])
    with pytest.raises(InputError, match=r"^steps: those of c3 come out up to 4\d\.\d times .* --without c3$"):
        spread_of(NAMES, RANGES, factors, np.zeros((2, 4)), [0, 1], ALL, np.zeros((2, 4)))


def test_a_wide_spread_is_one():
    factors = np.array([[1 / 3, 1.0, 1.0, 3.0]] * 2)
    _, spread, _ = spread_of(NAMES, RANGES, factors, np.zeros((2, 4)), [0, 1], ALL, np.zeros((2, 4)))
    assert spread.step_cv == pytest.approx(np.sqrt(np.expm1(2 * np.log(3.0) ** 2 / 3)))
    assert spread.asymmetry_cv is None


# -- the spread of the range -----------------------------------------------------------------------------------------------

LINEAR = LinearStep(
    g_min=1e-6, g_max=11e-6, step_up=0.2e-6, step_down=0.25e-6, gamma_up=0.7, gamma_down=0.8, c2c_cv=0.4
)


def range_sd(ranges, at, errors=0.0):
    """Of devices of equal steps."""
    n = ranges.shape[1]
    names = [f"c{k}" for k in range(n)]
    found = spread_of(names, ranges, np.ones((2, n)), np.zeros((2, n)), [0, 1], at, np.full((2, n), errors))
    return found[1].range_sd, found[2].get("spread.range_sd")


def test_only_bounds_that_were_reached_have_a_spread():
    rng = np.random.default_rng(0)
    ranges = np.array([[1e-6], [11e-6]]) + 0.3e-6 * rng.normal(size=(2, 40))
    at = np.ones((2, 40), bool)
    at[1, ::2] = False
    ranges[1, ::2] = rng.uniform(3e-6, 11e-6, 20)  # turned round anywhere
    value, one = range_sd(ranges, at)
    assert value == one.value
    assert abs(value - 0.3e-6) < 3.5 * one.error
    assert one.error == pytest.approx(value / np.sqrt(2 * (39 + 19)), rel=0.1)
    assert one.remark == "of 40 devices, 40 of which reach g_min, 20 g_max"
    assert range_sd(ranges, np.ones_like(at))[0] > 1e-6  # what it was taken for


def test_errors_of_the_bounds_are_no_spread():
    ranges = np.array([[1e-6], [11e-6]]) + 0.1e-6 * np.random.default_rng(1).normal(size=(2, 400))
    at = np.ones((2, 400), bool)
    exact, blurred = range_sd(ranges, at)[0], range_sd(ranges, at, 0.08e-6)[0]
    assert blurred == pytest.approx(np.sqrt(exact**2 - 0.08e-6**2))
    assert range_sd(ranges, at, 0.2e-6) == (None, None)


def test_a_spread_that_rests_on_one_device_is_none():
    at = np.zeros((2, 4), bool)
    at[0, :2] = True
    assert range_sd(RANGES, at) == (None, None)
    assert "of 4 devices 2 were pulsed down until pulses did nothing more, and 0 up" in said_of_range(at)
    at[1, :2] = True
    assert said_of_range(at) == said_of_range(at[:, :1]) == ""


@pytest.mark.parametrize(("pulses", "there"), [(40, False), (75, False), (130, True), (200, True)])
def test_a_bound_is_reached_where_pulses_go_on_at_it(pulses, there):
    """The way up takes 86 pulses of the nominal cell, the way down 80."""
    found = Model(measured(LINEAR, cycles(pulses, pulses, 2), devices=4, read_sd=0.1e-6, seed=pulses), GRADUAL[2])
    numbers = {name: getattr(LINEAR, name) for name in ("step_up", "step_down", "gamma_up", "gamma_down", "c2c_cv")}
    assert (reached(found, numbers | {"read_noise.sd": 0.1e-6}) == there).all()


def test_trains_that_end_before_the_bounds_leave_the_spread_of_the_range_open():
    """Five equal cells, whose trains end where scatter of steps has led them: that was taken for a spread."""
    found = fit(measured(LINEAR, cycles(50, 50, 2), devices=5, read_sd=0.05e-6, seed=4), GRADUAL[2])
    assert np.ptp(found.cells[1]) > 0.3e-6
    assert found.device.spread.range_sd is None
    assert "spread.range_sd" not in found.estimates
    assert found.ends.endswith(said_of_range(np.zeros((2, 5), bool)))
