import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from insitu.datasets import braille
from insitu.devices.library import load
from insitu.errors import InputError
from insitu.networks import baselines
from insitu.networks.associative import AssociativeMemory
from insitu.networks.hopfield import BinaryRule
from insitu.schemes import BlindPulses, Exact, MixedPrecision

TAOX = load("yi2022-taox").device
PATTERNS = braille.encode(braille.NAMES)


def _distorted(flip, each=100, seed=77):
    truth = np.tile(PATTERNS, (each, 1))
    return braille.distort(truth, flip, seed=seed, batch=1 << 30), truth


@pytest.fixture(scope="module")
def memory():
    return AssociativeMemory(device=TAOX, updates=200, random_state=0).fit(PATTERNS)


def test_a_noisy_memory_beats_the_pseudo_inverse_in_software(memory):
    projection = baselines.pseudo_inverse(PATTERNS)
    for flip in (0.2, 0.3):
        x, truth = _distorted(flip)
        software = (baselines.recalled(projection, x) == truth).all(axis=1).mean()
        assert memory.score(x, truth) > software


def test_targets_are_symmetric_without_diagonal(memory):
    targets = memory.network_.layer.memory[0]
    np.testing.assert_array_equal(targets, targets.T)
    assert not np.diag(targets).any()


def test_learning_goes_on_while_deployed(memory):
    """A tenth name is added and a row of cells fails; no training from scratch."""
    deployed = pickle.loads(pickle.dumps(memory))
    ten = braille.encode([*braille.NAMES, "ritchie"])
    truth = np.tile(ten, (50, 1))
    x = braille.distort(truth, 0.1, seed=5, batch=1 << 31)
    array = deployed.network_.layer.array
    array.g[:, :, 3] = array.device.g_min
    deployed.network_.layer.refresh()
    before = deployed.score(x, truth)
    deployed.partial_fit(ten, updates=60)
    assert before < 0.92 < deployed.score(x, truth)


def test_equal_seeds_give_equal_bits_and_others_do_not():
    runs = [AssociativeMemory(device=TAOX, updates=5, random_state=s).fit(PATTERNS) for s in (1, 1, 2)]
    weights = [run.network_.layer.values for run in runs]
    np.testing.assert_array_equal(weights[0], weights[1])
    assert (weights[0] != weights[2]).any()


def test_the_estimator_contract():
    memory = AssociativeMemory(updates=3, random_state=0)
    with pytest.raises(NotFittedError):
        memory.predict(PATTERNS)
    assert clone(memory.fit(PATTERNS)).get_params() == memory.get_params()
    assert memory.n_features_in_ == 60
    np.testing.assert_array_equal(memory.reconstruct(PATTERNS), memory.predict(PATTERNS))
    with pytest.raises(ValueError, match="features"):
        memory.predict(PATTERNS[:, :12])
    first = AssociativeMemory(random_state=0).partial_fit(PATTERNS).network_
    assert (first.batches, first.shown) == (1, 180)
    assert memory.counts_.pulses > 0


@pytest.mark.parametrize(
    ("options", "floor"),
    [
        ({"device": load("shi2018-cbram").device}, 0.6),
        ({"scheme": MixedPrecision()}, 0.9),
        ({"scheme": Exact()}, 0.9),
        ({"scheme": BlindPulses()}, 0.7),
    ],
    ids=["another device", "mixed precision", "exact", "blind pulses"],
)
def test_other_devices_and_schemes(options, floor):
    x, truth = _distorted(0.1)
    memory = AssociativeMemory(**{"device": TAOX, "updates": 100, "random_state": 0} | options).fit(PATTERNS)
    assert memory.score(x, truth) > floor


def test_what_does_not_settle_is_said_with_the_fraction_and_a_remedy():
    memory = AssociativeMemory(updates=2, rule=BinaryRule(sweeps=1), random_state=0).fit(PATTERNS)
    with pytest.warns(ConvergenceWarning, match=r"\d+ of 900 examples \(.* %\) did not settle; raise rule.sweeps"):
        memory.predict(_distorted(0.3)[0])


@pytest.mark.parametrize(
    ("options", "patterns", "message"),
    [
        ({}, (PATTERNS + 1) / 2, r"X: got a value of 0; patterns hold \+1 and -1 only, for 0 and 1 give 2 \* X - 1"),
        ({"initial": np.triu(np.ones((60, 60)), 1)}, PATTERNS, "allowed are symmetric ones with zero diagonal"),
        ({"initial": np.eye(60)}, PATTERNS, "zero diagonal"),
        ({"initial": np.zeros((3, 3))}, PATTERNS, r"\(60, 60\)"),
        ({"noise": (0.1, 1.4)}, PATTERNS, "noise: got 1.4"),
        ({"noise": (0.4, 0.1)}, PATTERNS, "noise: got 0.1"),
        ({"updates": 0}, PATTERNS, "updates: got 0"),
        ({"device": "taox"}, PATTERNS, "device: unknown name 'taox'"),
        ({"scheme": "clt"}, PATTERNS, "scheme: got 'clt'"),
        ({"rule": "hopfield"}, PATTERNS, "rule: got 'hopfield'"),
        ({"random_state": -1}, PATTERNS, "random_state: got -1"),
    ],
)
def test_bad_input(options, patterns, message):
    with pytest.raises(InputError, match=message):
        AssociativeMemory(**{"random_state": 0} | options).fit(patterns)
