"""Regressors in memory: the contract of scikit-learn, linear regression as their outside, and weights of examples."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, make_friedman1
from sklearn.linear_model import LinearRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

import insitu
from insitu.errors import InputError

X, Y = load_diabetes(return_X_y=True)
TRAIN, TEST = slice(0, 300), slice(300, None)
MODELS = {
    "perceptron": insitu.CrossbarRegressor((16,), random_state=0),
    "energy": insitu.EnergyRegressor((16,), epochs=50, random_state=0),
}
#: one example at a time: a weight multiplies the rate, while an example that is there twice is shown at two moments
AS_A_RATE = {"check_sample_weight_equivalence_on_dense_data": "a weight is a rate"}
DEVICES = {"perceptron": "gokmen2016-rpu", "energy": "yi2022-taox"}
every_model = pytest.mark.parametrize("name", MODELS)


def made(name, **options):
    return type(MODELS[name])(**MODELS[name].get_params() | options)


@parametrize_with_checks(
    [
        insitu.CrossbarRegressor((16,), epochs=5, learning_rate=0.05, random_state=0),
        insitu.EnergyRegressor((8,), epochs=20, random_state=0),
    ],
    expected_failed_checks=lambda _: AS_A_RATE,
)
def test_they_keep_the_contract_of_scikit_learn(estimator, check):
    check(estimator)


@every_model
@pytest.mark.parametrize("device", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["ideal", "noisy"])
def test_a_nearly_linear_task_is_learned_nearly_as_least_squares_do(name, device):
    known = LinearRegression().fit(X[TRAIN], Y[TRAIN]).score(X[TEST], Y[TEST])  # 0.51
    model = made(name, device=insitu.load(DEVICES[name]) if device else None)
    assert model.fit(X[TRAIN], Y[TRAIN]).score(X[TEST], Y[TEST]) > known - 0.1


def test_hidden_neurons_see_what_no_line_does():
    x, y = make_friedman1(1200, noise=0.1, random_state=0)
    x -= 0.5
    known = LinearRegression().fit(x[:900], y[:900]).score(x[900:], y[900:])
    model = insitu.CrossbarRegressor((32,), epochs=40, learning_rate=0.02, random_state=0, device=insitu.load("ideal"))
    assert model.fit(x[:900], y[:900]).score(x[900:], y[900:]) > known + 0.1


@every_model
def test_several_numbers_an_example_and_any_unit(name):
    """Answers in other units are the same answers."""
    both = np.column_stack([Y, -Y])
    model = made(name, epochs=10).fit(X[TRAIN], both[TRAIN])
    found = model.predict(X[TEST])
    assert found.shape == (len(X[TEST]), 2)
    other = made(name, epochs=10).fit(X[TRAIN], 1e6 * both[TRAIN] + 5).predict(X[TEST])
    np.testing.assert_allclose(other, 1e6 * found + 5, rtol=1e-4)
    with pytest.raises(InputError, match="y: got 1 numbers an example; at the first call it was 2"):
        model.partial_fit(X[TRAIN], Y[TRAIN])


@every_model
def test_a_target_that_never_changes_is_the_answer(name):
    assert made(name, epochs=5).fit(X[TRAIN], np.full(300, 7.0)).predict(X[TEST]) == pytest.approx(7, abs=0.5)


@pytest.mark.parametrize("kind", [insitu.CrossbarClassifier, insitu.CrossbarRegressor])
def test_weights_of_examples_multiply_the_rate(kind):
    labels = (Y > 140).astype(int) if kind is insitu.CrossbarClassifier else Y

    def fitted(rate, weight, x=X[TRAIN], y=labels[TRAIN]):
        model = kind((8,), epochs=2, learning_rate=rate, random_state=0, device=insitu.load("gokmen2016-rpu"))
        return [layer.values for layer in model.fit(x, y, sample_weight=weight).network_.layers]

    for one, other in (((0.02, None), (0.01, np.full(300, 2.0))), ((0.01, None), (0.01, np.ones(300)))):
        for w, v in zip(fitted(*one), fitted(*other), strict=True):
            np.testing.assert_array_equal(w, v)
    start = kind((8,), epochs=3, random_state=0, device=insitu.load("gokmen2016-rpu"))
    start.fit(X[TRAIN], labels[TRAIN], sample_weight=np.arange(300) == 7)
    assert 0 < start.counts_.trains <= 3 * 2  # one example, two layers
    with pytest.raises(InputError, match="sample_weight: got -1; allowed are numbers from 0"):
        fitted(0.01, np.full(300, -1.0))
