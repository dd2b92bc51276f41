"""Networks of energy with several hidden layers: their defaults, and that they train."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from insitu.devices.library import load
from insitu.learning.activity_difference import ActivityDifference
from insitu.networks.energy import EnergyNetwork, EnergyRule
from insitu.networks.energy_classifier import EnergyClassifier
from insitu.networks.energy_rule import default_ratios, first_spreads

TAOX = load("yi2022-taox").device


def test_one_hidden_layer_keeps_its_defaults_and_what_is_given_is_taken():
    network = EnergyNetwork(TAOX.without("all"), (20, 8, 3), EnergyRule(), seed=0)
    assert network.units == ["tanh", "sigmoid"]
    assert network.ratios == (1.0, 1.0)
    assert first_spreads(EnergyRule(), 2) == [0.3, 0.3]
    deep = EnergyNetwork(TAOX.without("all"), (20, 8, 8, 3), EnergyRule(), seed=0)
    assert deep.units == ["tanh", "tanh", "hard"]
    assert deep.ratios == default_ratios(EnergyRule(), 3) == (2.0, 1.0, 0.5)
    given = EnergyRule(output="sigmoid", initial=0.1)
    deep = EnergyNetwork(TAOX.without("all"), (20, 8, 8, 3), given, seed=0)
    assert deep.units[-1] == "sigmoid"
    assert deep.ratios == (1.0, 1.0, 1.0)
    assert first_spreads(given, 3) == [0.1, 0.1, 0.1]


@pytest.mark.parametrize("gain", [1.0, 2.0, 4.0])
@pytest.mark.parametrize("hidden", [2, 3, 5])
def test_hidden_layers_hold_no_states_of_their_own_at_first(hidden, gain):
    """The largest eigenvalue of what they give each other stays below 1, and is no more than 0.3 a weight asks for."""
    network = EnergyNetwork(TAOX.without("all"), (9, *(60,) * hidden, 3), EnergyRule(gain=gain), seed=0)
    whole = np.zeros((60 * hidden, 60 * hidden))
    for place in range(1, hidden):
        below, here = slice(60 * (place - 1), 60 * place), slice(60 * place, 60 * (place + 1))
        given = network.gains[place] * network.layers[place].values[:-1]
        whole[below, here], whole[here, below] = given, given.T
    assert 0.4 < np.linalg.eigvalsh(whole)[-1] < 1.0


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["centred", "clamped"])
def test_three_hidden_layers_train_on_noisy_cells(mode):
    """Chance is 0.1; before its defaults depended on depth, the centred mode ended there."""
    X, y = load_digits(return_X_y=True)
    rule = EnergyRule(learning=ActivityDifference(mode=mode))
    model = EnergyClassifier((32, 32, 32), epochs=8, rule=rule, device=TAOX, random_state=0)
    assert model.fit(X[:1000], y[:1000]).score(X[1000:1400], y[1000:1400]) > 0.75
