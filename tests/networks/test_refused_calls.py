"""A call that is refused leaves an estimator as it was: the next one is as if it had not been made."""

import numpy as np
import pytest

from insitu import (
    AssociativeMemory,
    Chip,
    CrossbarClassifier,
    CrossbarRegressor,
    EnergyClassifier,
    EnergyRegressor,
    SpikingClassifier,
)
from insitu.errors import InputError
from insitu.networks.convolutional_spiking import ConvolutionalSpikingClassifier

RNG = np.random.default_rng(0)
WIDE, RIGHT = RNG.integers(1, 17, (20, 20)).astype(float), RNG.integers(1, 17, (20, 16)).astype(float)
Y = np.arange(20) % 2
SIGNS = RNG.choice([-1.0, 1.0], (3, 20)), RNG.choice([-1.0, 1.0], (3, 16))
ESTIMATORS = {
    "spiking": lambda: SpikingClassifier(4, random_state=0),
    "patches": lambda: ConvolutionalSpikingClassifier(image_shape=(4, 4), size=2, maps=4, random_state=0),
    "crossbar": lambda: CrossbarClassifier((4,), random_state=0),
    "numbers": lambda: CrossbarRegressor((4,), random_state=0),
    "energy": lambda: EnergyClassifier((4,), random_state=0),
    "energy numbers": lambda: EnergyRegressor((4,), random_state=0),
    "memory": lambda: AssociativeMemory(batch=2, random_state=0),
}
NAMES = ("network_", "classes_", "n_features_in_", "standard_", "scale_", "inputs_")


def learn(name, model, wide=False, y=Y):
    return model.partial_fit(SIGNS[not wide]) if name == "memory" else model.partial_fit(WIDE if wide else RIGHT, y)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_first_call_that_is_refused_leaves_nothing_and_data_of_another_width_are_taken_then(name):
    model = ESTIMATORS[name]()
    for option in ({"chip": 3}, {"device": "cbram"}, {"chip": Chip(adc_quantile=0.9)}):
        usual = {key: getattr(model, key) for key in option}
        with pytest.raises(InputError):
            learn(name, model.set_params(**option), wide=True)
        model.set_params(**usual)
        assert [one for one in NAMES if hasattr(model, one)] == []
    assert vars(model).keys() == vars(ESTIMATORS[name]()).keys()
    with pytest.raises(InputError, match="chip: got 3"):  # not that it was once shown wide ones
        learn(name, model.set_params(chip=3))


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] * (name != "crossbar")) for name in ESTIMATORS if name != "memory"],
)
def test_wrong_labels_and_a_refused_fit_leave_what_was_learned(name):
    model = ESTIMATORS[name]()
    wrong = np.full((20, 3), np.nan) if "numbers" in name else np.zeros(20)
    with pytest.raises(ValueError, match=r"one class only|NaN"):
        learn(name, model, wide=True, y=wrong)
    assert not hasattr(model, "n_features_in_")
    before = dict(vars(learn(name, model)))
    with pytest.raises(ValueError, match=r"one class only|NaN"):
        model.fit(WIDE, wrong)
    assert vars(model) == before
