"""Numbers of a law and of each device at once: the maximum, and errors that leave nothing out."""

import numpy as np
import pytest
from simulated import cycles, measured

from insitu.devices.base import Spread
from insitu.devices.linear import LinearStep
from insitu.measure import GRADUAL
from insitu.measure.jointly import Joint, sure
from insitu.measure.modelling import Model, _peaks
from insitu.measure.searching import _covariance
from insitu.measure.starting import HIGH, LOW

DEVICE = LinearStep(
    g_min=1e-6,
    g_max=11e-6,
    step_up=0.4e-6,
    step_down=0.5e-6,
    gamma_up=0.7,
    gamma_down=0.8,
    c2c_cv=0.4,
    spread=Spread(step_cv=0.2, range_sd=0.3e-6),
)
LINEAR = next(family for family in GRADUAL if family.name == "linear")
SD = 0.1e-6
TRUTH = {name: getattr(DEVICE, name) for name in ("step_up", "step_down", "gamma_up", "gamma_down", "c2c_cv")}


@pytest.fixture(scope="module")
def model():
    """Three devices with the range and the steps that are likely under the true law."""
    found = Model(measured(DEVICE, cycles(60, 60, 2), devices=3, read_sd=SD, seed=2), LINEAR)
    found.hold([*TRUTH, "read_noise.sd"])
    found.apart(TRUTH | {"read_noise.sd": SD})
    return found


def test_a_climb_ends_where_no_number_of_any_device_wants_to_go_on(model):
    start = model.shared(TRUTH | {"read_noise.sd": SD}, errors=False)
    found = Joint(model, start.values).climb()
    assert found.score >= start.score
    joint = Joint(model, found.values)
    x, own = joint.here()
    best = joint.scores(x[None], own[None]).sum()
    for k, j in np.ndindex(own.shape):
        for by in (0.01, -0.01):
            moved = own.copy()
            moved[k, j] = np.clip(moved[k, j] + by, joint.own_low[j], joint.own_high[j])
            assert joint.scores(x[None], moved[None]).sum() < best + 0.1


def test_errors_are_those_of_all_numbers_together(model):
    """Against the inverse of the whole curvature; with the cells held, the error of a slope comes out smaller."""
    found = model.shared(TRUTH | {"read_noise.sd": SD})
    joint = Joint(model, found.values)
    x, own = joint.here()
    everything = np.r_[x, own.ravel()]
    low = np.r_[joint.low, np.tile(joint.own_low, len(own))]
    high = np.r_[joint.high, np.tile(joint.own_high, len(own))]

    def costs(y):
        return -joint.scores(y[:, : x.size], y[:, x.size :].reshape(-1, *own.shape)).sum(axis=1)

    inside = np.flatnonzero((everything - low > 1e-3 * (high - low)) & (high - everything > 1e-3 * (high - low)))
    whole = np.sqrt(np.diag(_covariance(costs, everything, inside, low, high)))
    known = sure(model, found)
    for i, (name, free) in enumerate(joint.shared.items()):
        assert inside[i] == i
        one = known.found.estimates[name]
        assert one.error == pytest.approx(whole[i] * (one.value if free.log else 1.0), rel=0.1), name
    for name in ("gamma_up", "gamma_down"):
        assert known.found.estimates[name].error > found.estimates[name].error


def test_the_mean_device_is_no_surer_than_its_devices_are_alike(model):
    known = sure(model, model.shared(TRUTH | {"read_noise.sd": SD}))
    ranges = model.ranges(model.place)
    for row, name in enumerate(("g_min", "g_max")):
        assert known.nominal[name] >= 0.999 * ranges[row].std(ddof=1) / np.sqrt(3)
    for row, name in enumerate(("step_up", "step_down")):
        assert known.nominal[name] >= 0.999 * np.log(model.factors[row]).std(ddof=1) / np.sqrt(3)
    assert all(abs(r) <= 1 + 1e-9 for r in known.correlations.values())


def test_two_places_of_a_bound_are_looked_at():
    """Far from the start there is a better one, behind a valley."""

    def score(numbers):
        return -np.minimum((numbers[HIGH] - 0.05) ** 2, (numbers[HIGH] - 0.61) ** 2 - 0.01) - numbers[LOW]

    best, next_best = _peaks(score, {LOW: 0.02, HIGH: 0.02}, HIGH)
    assert best == pytest.approx(0.61, abs=0.03)
    assert next_best == pytest.approx(0.05, abs=0.03)


def test_readings_that_pile_up_are_told_from_rounded_ones():
    """A bound that is read without noise gives one reading again and again; noise, rounded, thins out to its extreme."""
    exact = measured(DEVICE, cycles(60, 60, 2), seed=2)
    assert exact.piled.ravel().tolist() == [True, True]
    noisy = measured(DEVICE, cycles(60, 60, 2), read_sd=SD, seed=2)
    assert not noisy.piled.any()
    twice = noisy.rows(np.arange(240), after=np.where(np.arange(240) < 2, 12e-6, noisy.after))
    assert twice.piled.ravel().tolist() == [False, True]
    coarse = noisy.rows(np.arange(240), before=np.round(noisy.before, 7), after=np.round(noisy.after, 7))
    assert not coarse.piled.any()
