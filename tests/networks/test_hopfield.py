import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insitu.devices.library import load
from insitu.errors import InputError
from insitu.ledger import Counts
from insitu.networks.hopfield import BinaryRule, energy, recall
from insitu.random import Stream, uniform
from insitu.schemes import Weights, WriteVerify


def _symmetric(units, seed):
    w = np.random.default_rng(seed).normal(size=(units, units)).astype(np.float32) / 4
    w = (w + w.T) / 2
    np.fill_diagonal(w, 0)
    return w


def _states(batch, units, seed):
    return np.sign(np.random.default_rng(seed).normal(size=(batch, units))).astype(np.float32)


def _naive(w, start, rule, seed):
    """One example and one unit at a time, in the same order."""
    units, ends, quiet = start.shape[1], [], []
    orders = uniform(seed, Stream.ORDER, rule.sweeps * units, 0).reshape(rule.sweeps, units).argsort(axis=1)
    blocks = np.linspace(0, units, rule.blocks + 1).astype(int)
    first, last = rule.hysteresis
    for x in start:
        s, settled = x.copy(), False
        for sweep, order in enumerate(orders):
            before = s.copy()
            hold = first + (last - first) * sweep / max(rule.sweeps - 1, 1)
            for begin, end in itertools.pairwise(blocks):
                seen = s.copy()  # the units of a block do not see each other's change
                for i in order[begin:end]:
                    u = w[:, i] @ seen + rule.drive * x[i] + hold * seen[i]
                    s[i] = 1 if u > 0 else -1 if u < 0 else s[i]
            settled = (s == before).all()
            if settled and (first == last):
                break
        ends.append(s)
        quiet.append(settled)
    return np.array(ends), np.array(quiet)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(3, 20),
    st.integers(1, 3),
    st.floats(0, 1).map(lambda d: round(d, 3)),
    st.sampled_from([(0.0, 0.0), (-0.5, 0.5)]),
    st.integers(0, 99),
)
def test_recall_is_that_of_the_naive_twin(units, blocks, drive, hysteresis, seed):
    rule = BinaryRule(blocks=blocks, sweeps=6, drive=drive, hysteresis=hysteresis)
    w, start = _symmetric(units, seed), _states(9, units, seed)
    got = recall(w, start, rule, seed=seed)
    ends, quiet = _naive(w.astype(float), start, rule, seed)
    np.testing.assert_array_equal(got.states, ends)
    np.testing.assert_array_equal(got.settled, quiet)


def test_one_unit_at_a_time_the_energy_never_rises():
    w, start = _symmetric(30, 1), _states(40, 30, 2)
    energies: list[float] = []
    found = recall(w, start, BinaryRule(blocks=30, sweeps=50, drive=0.3), record=energies)
    assert found.settled.all()
    assert (np.diff(energies) <= 1e-5).all()
    assert energy(w, found.states, start, 0.3).mean() < energy(w, start, start, 0.3).mean()


def test_an_ideal_crossbar_recalls_as_software_does():
    w, start = np.clip(_symmetric(30, 1), -1, 1), _states(40, 30, 2)
    chip = Weights(load("yi2022-taox").device.without("all"), 30, 30, WriteVerify(), form="dense")
    chip.put(w)
    rule, numbers = BinaryRule(blocks=5, drive=0.31), np.arange(40, dtype=np.uint64)
    found = recall(chip, start, rule, numbers=numbers)
    np.testing.assert_array_equal(found.states, recall(w, start, rule).states)
    counts = Counts.of(chip.counts)
    assert counts.products == 2 * 5 * counts.row_drives // (5 * 30)  # both signs, five blocks a sweep
    assert counts.conversions * 5 == counts.products * 30  # a block reads its own columns only


def test_states_that_chase_each_other_are_reported_unsettled():
    w = np.float32([[0, 1], [-1, 0]])  # not symmetric: there is no energy
    found = recall(w, _states(6, 2, 0), BinaryRule(blocks=1, sweeps=9, drive=0.0))
    assert not found.settled.any()
    assert found.sweeps == 9


def test_annealing_goes_through_all_sweeps():
    w, start = _symmetric(20, 1), _states(5, 20, 2)
    assert recall(w, start, BinaryRule(sweeps=8, hysteresis=(-1.0, 1.0))).sweeps == 8


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: BinaryRule(blocks=0), "blocks: got 0"),
        (lambda: BinaryRule(sweeps=0), "sweeps: got 0"),
        (lambda: BinaryRule(drive=-1.0), "drive: got -1"),
        (lambda: recall(np.eye(3), _states(2, 3, 0), BinaryRule(blocks=4)), "only 3 units"),
    ],
)
def test_bad_input(make, message):
    with pytest.raises(InputError, match=message):
        make()
