"""Features coded by populations of inputs: what the code promises, and that tables are learned with it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.datasets import load_iris, load_wine
from sklearn.model_selection import train_test_split

from insitu import SpikingClassifier
from insitu.datasets.scaling import Scaling
from insitu.errors import InputError
from insitu.networks.inputs import PopulationCode

VALUES = arrays(float, (9, 3), elements=st.floats(-1e3, 1e3, allow_subnormal=False))


def code(X):
    return PopulationCode(Scaling.learned(X, each=True), X.shape[1])


def test_a_feature_has_bell_shaped_inputs_over_its_range():
    X = np.linspace(-5, 15, 41)[:, None]
    found = code(X)(X)
    assert found.shape == (41, 400)
    peaks = np.linspace(0, 1, 400)[found.argmax(axis=1)]
    np.testing.assert_allclose(peaks, np.linspace(0, 1, 41), atol=0.01)  # 8 bits have flat tops
    middle, centres = found[20] / 255, np.linspace(0, 1, 400)
    np.testing.assert_allclose(middle, np.exp(-(((centres - 0.5) / 0.15) ** 2) / 2), atol=1 / 255)


@given(VALUES, st.sampled_from([2.0, 0.125, 1024.0]))
@settings(max_examples=30)
def test_the_unit_of_a_feature_does_not_matter(X, factor):
    np.testing.assert_array_equal(code(X)(X), code(factor * X)(factor * X))


@given(VALUES)
@settings(max_examples=30)
def test_every_feature_is_heard_and_what_is_beyond_its_range_as_its_end(X):
    found = code(X)
    assert found(X).reshape(9, 3, -1).max(axis=2).min() > 250
    far = np.where(X > 0, 1e9, -1e9)
    ends = np.where(X > 0, X.max(axis=0), X.min(axis=0))
    np.testing.assert_array_equal(found(far), found(ends))


@pytest.mark.parametrize(("features", "inputs"), [(1, 400), (4, 400), (13, 403), (100, 400), (200, 800)])
def test_few_features_have_many_inputs_each(features, inputs):
    assert PopulationCode(Scaling(np.zeros(1), np.ones(1)), features).inputs == inputs


@pytest.mark.parametrize("load", [load_iris, load_wine])
def test_a_table_is_learned_with_it_and_not_as_it_stands(load):
    X, y = load(return_X_y=True)
    X, test, y, truth = train_test_split(X, y, test_size=0.25, stratify=y, random_state=0)
    low, high = X.min(axis=0), X.max(axis=0)
    scaled = [np.clip((part - low) / (high - low), 0, 1) for part in (X, test)]
    made = {"neurons": 40, "epochs": 40, "random_state": 0}
    plain = SpikingClassifier(coding="intensity", min_active=0, **made).fit(scaled[0], y).score(scaled[1], truth)
    coded = SpikingClassifier(**made).fit(X, y)  # few features: populations
    assert isinstance(coded.inputs_, PopulationCode)
    assert coded.score(test, truth) > 0.87 > 0.8 > plain
    moved = SpikingClassifier(**made).fit(X * 4 - 1, y)
    np.testing.assert_array_equal(moved.network_.synapses.values, coded.network_.synapses.values)


def test_intensities_stay_where_they_were_asked_for():
    X, y = np.random.default_rng(0).uniform(0, 9, (40, 5)), np.arange(40) % 2
    made = {"neurons": 5, "epochs": 1, "random_state": 0}
    assert not isinstance(SpikingClassifier(full_intensity=9.0, **made).fit(X, y).inputs_, PopulationCode)
    wide = np.tile(X, (1, 13))
    assert not isinstance(SpikingClassifier(**made).fit(wide, y).inputs_, PopulationCode)
    assert isinstance(SpikingClassifier(coding="population", **made).fit(wide, y).inputs_, PopulationCode)
    with pytest.raises(InputError, match="coding: got 'rate'; allowed are auto, intensity, population"):
        SpikingClassifier(coding="rate", **made).fit(X, y)
