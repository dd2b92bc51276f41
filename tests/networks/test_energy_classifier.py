import warnings

import joblib
import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.estimator_checks import check_estimator

from insitu.datasets import braille
from insitu.devices.library import load
from insitu.errors import InputError
from insitu.learning.activity_difference import ActivityDifference
from insitu.networks.energy import EnergyRule
from insitu.networks.energy_classifier import EnergyClassifier

TAOX = load("yi2022-taox").device


@pytest.mark.slow
def test_the_estimator_contract():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check_estimator(EnergyClassifier(random_state=0))


def test_words_on_a_noisy_array_with_labels_of_any_kind():
    words = np.array(braille.NAMES)
    patterns = braille.encode(braille.NAMES)
    label = np.tile(np.arange(9), 200)
    x = braille.distort(patterns[label], (0.1, 0.4), seed=1)
    model = EnergyClassifier(device=TAOX, epochs=10, random_state=0).fit(x, words[label])
    fresh = braille.distort(patterns[label], 0.2, seed=2)
    assert model.score(fresh, words[label]) > 0.93
    assert model.activities(fresh[:2]).shape == (2, 9)
    assert model.counts_.pulses > 0


def test_a_model_loaded_without_a_copy_is_asked_and_goes_on(tmp_path):
    """Its arrays are read-only then."""
    X, y = load_iris(return_X_y=True)
    model = EnergyClassifier((4,), epochs=1, random_state=0).fit(X, y)
    joblib.dump(model, tmp_path / "model")
    again = joblib.load(tmp_path / "model", mmap_mode="r")
    assert (again.predict(X) == model.predict(X)).all()
    assert (again.partial_fit(X, y).predict(X) == model.partial_fit(X, y).predict(X)).all()


def test_partial_fit_goes_on():
    X, y = load_iris(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(X))
    rule = EnergyRule(learning=ActivityDifference(rate=0.1))
    model = EnergyClassifier(random_state=0, batch=10, rule=rule)
    for _ in range(60):
        model.partial_fit(X[order], y[order], classes=[0, 1, 2])
    assert model.updates_ == 900
    assert model.score(X, y) > 0.9
    with pytest.raises(InputError, match=r"label\(s\) \[7\] are not among the classes"):
        model.partial_fit(X, np.full(len(X), 7))


def test_what_does_not_settle_is_said():
    X, y = load_iris(return_X_y=True)
    model = EnergyClassifier(rule=EnergyRule(gain=40.0), epochs=3, test_steps=1, random_state=0).fit(X, y)
    with pytest.warns(ConvergenceWarning, match=r"did not settle; raise test_steps, or lower rule.gain"):
        model.predict(X)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hidden": (0,)}, "hidden: got 0"),
        ({"hidden": 16}, "hidden: got 16"),
        ({"epochs": 0}, "epochs: got 0"),
        ({"batch": 0}, "batch: got 0"),
        ({"test_steps": 0}, "test_steps: got 0"),
        ({"rule": "clamped"}, "rule: got 'clamped'"),
        ({"device": "taox"}, "device: unknown name 'taox'"),
        ({"scheme": "clt"}, "scheme: got 'clt'"),
        ({"encoding": "pair"}, "encoding: got 'pair'"),
    ],
)
def test_bad_input(options, message):
    X, y = load_iris(return_X_y=True)
    with pytest.raises(InputError, match=message):
        EnergyClassifier(**options).fit(X, y)
