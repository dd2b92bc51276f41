"""Every declared imperfection is felt by every network; off is exactly off, and a trace of it is next to nothing."""

import warnings
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from small_networks import CHIP, DEVICE, NETWORKS, UNITS, choice, same_bits, trained

from insitu.devices.base import Endurance, Faults, Programming, ReadNoise, Retention, Spread, Telegraph
from insitu.schemes import ErrorAware, Exact, WriteVerify

TRACE = 1e-12
RANGE = DEVICE.g_max - DEVICE.g_min
LEAK, DRIFT = {"tau": 0.5, "rest": DEVICE.g_min}, {"nu": 0.1, "t0": 1e-2}
LAW = replace(DEVICE, programming=Programming(error_sd=0.0))  # without its errors, a write that follows a law is exact


class Imperfection(NamedTuple):
    """Devices that have it, have a trace of it, and have it at 0."""

    on: Any
    trace: Any
    zero: tuple[Any, ...] = ()
    without: Any = DEVICE


def has(**fields):
    return replace(DEVICE, **fields)


def one_number(group, name, on, trace=TRACE, **others):
    """An imperfection that is one number of a group, and off at 0."""
    field = {Spread: "spread", Faults: "faults", ReadNoise: "read_noise", Telegraph: "telegraph"}[group]
    of = [has(**{field: group(**{name: value}, **others)}) for value in (on, trace, 0.0)]
    return Imperfection(of[0], of[1], (of[2],))


IMPERFECTIONS = {
    "c2c": Imperfection(has(c2c_cv=0.5), has(c2c_cv=TRACE), (has(c2c_cv=0.0),)),
    "spread of steps": one_number(Spread, "step_cv", 0.3),
    "spread of ranges": one_number(Spread, "range_cv", 0.2),
    "absolute spread of ranges": one_number(Spread, "range_sd", 0.1 * RANGE, TRACE * RANGE),
    "spread of asymmetry": one_number(Spread, "asymmetry_cv", 0.5),
    "dead cells": one_number(Faults, "dead", 0.1),
    "cells stuck low": one_number(Faults, "stuck_low", 0.1),
    "cells stuck high": one_number(Faults, "stuck_high", 0.1),
    "endurance": Imperfection(has(endurance=Endurance(writes=5)), has(endurance=Endurance(writes=1e15))),
    "spread of endurance": Imperfection(  # lives are whole numbers, rounded to the nearest
        has(endurance=Endurance(writes=20, writes_cv=1.0)),
        has(endurance=Endurance(writes=20, writes_cv=TRACE)),
        (has(endurance=Endurance(writes=20, writes_cv=0.0)),),
        has(endurance=Endurance(writes=20)),
    ),
    "leak": Imperfection(has(retention=Retention(**LEAK)), has(retention=Retention(tau=1e12, rest=DEVICE.g_min))),
    "spread of the leak": Imperfection(
        has(retention=Retention(**LEAK, tau_cv=0.5)),
        has(retention=Retention(**LEAK, tau_cv=TRACE)),
        (has(retention=Retention(**LEAK, tau_cv=0.0)),),
        has(retention=Retention(**LEAK)),
    ),
    "drift": Imperfection(
        has(retention=Retention(**DRIFT)),
        has(retention=Retention(nu=TRACE, t0=1e-2)),
        (has(retention=Retention(nu=0.0, t0=1e-2)),),
    ),
    "spread of the drift": Imperfection(
        has(retention=Retention(**DRIFT, nu_sd=0.05)),
        has(retention=Retention(**DRIFT, nu_sd=TRACE)),
        (has(retention=Retention(**DRIFT, nu_sd=0.0)),),
        has(retention=Retention(**DRIFT)),
    ),
    "read noise that grows": one_number(ReadNoise, "cv", 0.2),
    "read noise that does not": one_number(ReadNoise, "sd", 0.1 * RANGE, TRACE * RANGE),
    "telegraph noise of some cells": one_number(Telegraph, "fraction", 0.3, jump=1.0),
    "telegraph noise of some size": one_number(Telegraph, "jump", 1.0, fraction=0.3),
    "errors of writing": Imperfection(
        has(programming=Programming(error_sd=0.1 * RANGE)),
        has(programming=Programming(error_sd=TRACE * RANGE)),
        (),
        LAW,
    ),
    "tolerance of writing": Imperfection(
        has(programming=Programming(error_sd=0.0, tolerance=0.05 * RANGE)),
        has(programming=Programming(error_sd=0.0, tolerance=TRACE * RANGE)),
        (has(programming=Programming(error_sd=0.0, tolerance=0.0)),),
        LAW,
    ),
}
every_imperfection = pytest.mark.parametrize("what", IMPERFECTIONS)
every_network = pytest.mark.parametrize("name", NETWORKS)


def outcome(name, what, device):
    """Writes are felt by networks that write: blind pulses have no errors of writing."""
    options = {"scheme": WriteVerify()} if "writing" in what else {}
    with warnings.catch_warnings():  # bad cells are what this is about
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", ConvergenceWarning)
        return trained(name, device=device, **options)


@every_network
@every_imperfection
def test_on_it_changes_what_is_learned_and_answered(name, what):
    one = IMPERFECTIONS[what]
    without, there = (outcome(name, what, device) for device in (one.without, one.on))
    for weights, others in zip(without.weights, there.weights, strict=True):
        assert np.abs(weights - others).max() > 0.02  # of 2, the range of a weight: no matter of round-off
    assert (without.answers != there.answers).any()


@every_network
def test_errors_of_writing_are_felt_where_only_changes_worth_it_are_written(name):
    exact, wrong, trace = (
        trained(name, device=has(programming=Programming(error_sd=sd * RANGE)), scheme=ErrorAware())
        for sd in (0.0, 0.1, TRACE)
    )
    for weights, others, close in zip(exact.weights, wrong.weights, trace.weights, strict=True):
        assert np.abs(weights - others).max() > 0.02
        assert np.abs(weights - close).mean() < 0.01 * np.abs(weights).mean()
    assert (exact.answers != wrong.answers).any()
    assert wrong.counts.pulses < exact.counts.pulses


@every_network
@pytest.mark.parametrize("what", [name for name, one in IMPERFECTIONS.items() if one.zero])
def test_at_0_it_changes_no_bit(name, what):
    one = IMPERFECTIONS[what]
    without = outcome(name, what, one.without)
    for device in one.zero:
        off = outcome(name, what, device)
        same_bits(without.arrays, off.arrays, but=("heard", "idle", "seen"))
        np.testing.assert_array_equal(without.answers, off.answers)


@every_network
@every_imperfection
def test_a_trace_of_it_is_next_to_nothing(name, what):
    """Not the same bits, for cells have parameters of their own, or numbers are drawn; but no jump either."""
    one = IMPERFECTIONS[what]
    without, trace = (outcome(name, what, device) for device in (one.without, one.trace))
    assert trace.counts.pulses == pytest.approx(without.counts.pulses, rel=0.02)
    assert trace.counts.reads == pytest.approx(without.counts.reads, rel=0.02)
    assert (choice(name, trace.answers) == choice(name, without.answers)).mean() > 0.95
    for weights, others in zip(without.weights, trace.weights, strict=True):
        assert np.abs(weights - others).mean() < 0.01 * np.abs(weights).mean()


@every_network
def test_with_all_of_them_off_a_device_is_the_one_without_any(name):
    everything = replace(
        DEVICE,
        c2c_cv=0.3,
        spread=Spread(step_cv=0.1, range_cv=0.1, asymmetry_cv=0.1),
        faults=Faults(dead=0.01, stuck_low=0.01, stuck_high=0.01),
        endurance=Endurance(writes=100),
        retention=Retention(**LEAK, **DRIFT),
        read_noise=ReadNoise(cv=0.02, sd=0.01 * RANGE),
        telegraph=Telegraph(fraction=0.1, jump=0.5),
    )
    without, there, off = (outcome(name, "", device) for device in (DEVICE, everything, everything.without("all")))
    assert any((a != b).any() for a, b in zip(without.weights, there.weights, strict=True))
    same_bits(without.arrays, off.arrays)
    np.testing.assert_array_equal(without.answers, off.answers)


WIRED = {
    "row_ohm": 3e3,
    "column_ohm": 3e3,
    "source_ohm": 3e3,
    "sense_ohm": 3e3,
}  # of cells of 0.35 to 7 uS, some tens a line


@every_network
@pytest.mark.parametrize(
    "ohm",
    ["row_ohm", "column_ohm", *(pytest.param(end, marks=pytest.mark.slow) for end in ("source_ohm", "sense_ohm"))],
)
def test_every_wire_is_felt_a_trace_is_next_to_nothing_and_at_0_it_changes_no_bit(name, ohm):
    def of(value):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            warnings.simplefilter("ignore", ConvergenceWarning)
            chip = replace(CHIP, wire_tolerance=0.0, **{ohm: value})
            return trained(name, units=4, device=DEVICE, chip=chip)  # each example costs the currents of all wires

    without, there, trace, zero = (of(value) for value in (None, WIRED[ohm], TRACE * WIRED[ohm], 0.0))
    for weights, others in zip(without.weights, there.weights, strict=True):
        assert np.abs(weights - others).max() > 0.02
    assert (without.answers != there.answers).any()
    assert (choice(name, trace.answers) == choice(name, without.answers)).mean() > 0.95
    for weights, others in zip(without.weights, trace.weights, strict=True):
        assert np.abs(weights - others).mean() < 0.01 * np.abs(weights).mean()
    same_bits(without.arrays, zero.arrays)
    np.testing.assert_array_equal(without.answers, zero.answers)


@every_network
def test_read_disturb_is_felt_a_trace_is_next_to_nothing_and_at_0_it_changes_no_bit(name):
    transposed = name in ("perceptron", "energy")

    def of(*disturb):
        chip = replace(CHIP, read_disturb=disturb[0], read_disturb_negative=disturb[1] if transposed else None)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            warnings.simplefilter("ignore", ConvergenceWarning)
            return trained(name, device=DEVICE, chip=chip)

    without, there, other, trace, zero = (
        of(*d) for d in ((None, None), (1e-3, 0), (1e-3, 1e-2), (TRACE, None), (0, 0))
    )
    for weights, others in zip(without.weights, there.weights, strict=True):
        assert np.abs(weights - others).max() > 0.02
    assert (without.answers != there.answers).any()
    assert any((a != b).any() for a, b in zip(there.weights, other.weights, strict=True)) == transposed
    assert (choice(name, trace.answers) == choice(name, without.answers)).mean() > 0.95
    for weights, others in zip(without.weights, trace.weights, strict=True):
        assert np.abs(weights - others).mean() < 0.01 * np.abs(weights).mean()
    same_bits(without.arrays, zero.arrays)
    np.testing.assert_array_equal(without.answers, zero.answers)


@every_network
def test_the_noise_of_numbers_is_that_of_the_conductances_that_they_stand_for(name):
    one = NETWORKS[name].make(device=has(read_noise=ReadNoise(cv=0.1)), scheme=Exact(), chip=CHIP)
    NETWORKS[name].learn(one, 0, UNITS)
    for layer in one.network_.layers:
        heard = layer.array.variance.copy()
        layer.follow()
        np.testing.assert_array_equal(heard, layer.array.variance)
