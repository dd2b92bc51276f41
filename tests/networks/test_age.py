"""Storage: cells leak and drift without learning, in every network, and reads say so."""

import copy
from dataclasses import replace

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from small_networks import CHIP, DEVICE, NETWORKS
from stack_cases import CAPACITOR, UNIT

from insitu.arrays.closed_loop import ClosedLoop
from insitu.arrays.wired import error_of_wires
from insitu.cells import MultiConductance, ReferencedDevice, Significance
from insitu.devices.base import Retention
from insitu.errors import InputError
from insitu.schemes import BlindPulses, Exact, Transfer

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning", "ignore::UserWarning")
LEAKS = replace(DEVICE, retention=Retention(tau=10.0, rest=DEVICE.g_min))
DRIFTS = replace(DEVICE, retention=Retention(nu=0.1, nu_sd=0.05, t0=1.0))
every_network = pytest.mark.parametrize("name", NETWORKS)


def made(name, **options):
    one = NETWORKS[name].make(**{"chip": CHIP} | options)
    NETWORKS[name].learn(one, 0, 2)
    return one


def answers(name, one):
    return getattr(one, NETWORKS[name].answer)(NETWORKS[name].examples)


def cells(one):
    return [layer.array.g.copy() for layer in one.network_.layers]


@every_network
def test_cells_leak_towards_rest_and_answers_follow_without_an_event(name):
    one = made(name, device=LEAKS)
    counts, before, said = one.counts_, cells(one), answers(name, one)
    assert one.age(5.0) is one
    for g, was in zip(cells(one), before, strict=True):
        expected = DEVICE.g_min + (was - DEVICE.g_min) * np.exp(-0.5)
        np.testing.assert_allclose(g, expected, rtol=1e-5)
    assert (answers(name, one) != said).any()
    assert one.counts_ == counts
    NETWORKS[name].learn(one, 2, 3)
    assert one.counts_.reads > counts.reads


@every_network
def test_storage_in_two_parts_is_storage_in_one_and_none_changes_no_bit(name):
    whole, parts, none = (made(name, device=DRIFTS) for _ in range(3))
    before = cells(none)
    none.age(0)
    for g, was in zip(cells(none), before, strict=True):
        np.testing.assert_array_equal(g, was)
    whole.age(1e4)
    parts.age(10.0).age(9990.0)
    for g, other, was in zip(cells(whole), cells(parts), before, strict=True):
        np.testing.assert_allclose(g, other, rtol=1e-5)
        assert (g < 0.9 * was).mean() > 0.5


@pytest.mark.parametrize("name", ["perceptron", "energy", "recurrent"])  # of pairs, whose common part cancels
def test_weights_that_are_numbers_age_as_the_cells_that_they_stand_for(name):
    one = made(name, device=LEAKS, scheme=Exact())
    before = [layer.values.copy() for layer in one.network_.layers]
    one.age(10.0)
    for layer, was in zip(one.network_.layers, before, strict=True):
        np.testing.assert_allclose(layer.values, was / np.e, atol=1e-5)


def test_wires_are_looked_at_anew():
    """At half the conductance half as much is lost."""
    one = made("perceptron", device=LEAKS, chip=replace(CHIP, row_ohm=100.0, column_ohm=100.0))
    lost = [1 - layer.array.reach.mean() for layer in one.network_.layers]
    one.age(10.0)
    for layer, was in zip(one.network_.layers, lost, strict=True):
        assert 1 - layer.array.reach.mean() < 0.7 * was
        assert error_of_wires(layer.array) < 0.01


@every_network
def test_cells_that_hold_for_ever_are_refused(name):
    with pytest.raises(InputError, match=r"age: SoftBounds would hold .* leak \(retention.tau and rest\) nor a drift"):
        made(name, device=DEVICE).age(1.0)
    one = made(name, device=LEAKS)
    for wrong in (-1.0, np.nan, "day"):
        with pytest.raises(InputError, match="seconds: got"):
            one.age(wrong)
    with pytest.raises(NotFittedError):
        NETWORKS[name].make(device=LEAKS).age(1.0)


def test_what_is_carried_up_before_storage_outlives_the_cells_that_learned_it():
    leaks = replace(CAPACITOR, retention=Retention(tau=10.0, rest=(DEVICE.g_min + DEVICE.g_max) / 2))
    two = MultiConductance(
        parts=(Significance(device=CAPACITOR, gain=4.0), Significance(device=leaks, pair=ReferencedDevice)), unit=UNIT
    )
    transfer = Transfer(every=10**6, closed_loop=ClosedLoop(tolerance=0.001, iterations=50))  # of a range of 27
    one = made("perceptron", device=None, encoding=two, scheme=BlindPulses(transfer=transfer))
    learned = [layer.values.copy() for layer in one.network_.layers]
    carried = copy.deepcopy(one)
    carried.network_.consolidate()
    off = []
    for stored in (one, carried):
        stored.age(1e4)
        pairs = zip(stored.network_.layers, learned, strict=True)
        off.append(np.mean([np.abs(layer.values - before).mean() for layer, before in pairs]))
    assert off[1] < 0.5 * off[0]
