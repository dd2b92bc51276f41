"""Options of a network that do nothing: refused when it is made, or, where only its data tell, said when it has learned."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_digits

from insitu import (
    BlindPulses,
    Chip,
    ConventionalPruning,
    CrossbarClassifier,
    EnergyClassifier,
    MultiConductance,
    Neurons,
    Schedule,
    Significance,
    SoftPruning,
    SpikingClassifier,
    SpikingRule,
    TikiTaka,
    load,
)
from insitu.errors import InputError
from insitu.recipes.registry import resolved
from insitu.schemes import Agad
from insitu.studies.over import ranges

X, Y = load_digits(return_X_y=True)
X, Y = X[:300], Y[:300]
SMALL = {
    "spiking": lambda **more: SpikingClassifier(10, epochs=1, random_state=0, **more),
    "energy": lambda **more: EnergyClassifier((4,), epochs=1, random_state=0, **more),
    "perceptron": lambda **more: CrossbarClassifier((4,), epochs=1, random_state=0, **more),
}


@pytest.mark.parametrize("network", SMALL)
@pytest.mark.parametrize("option", [{"image_seconds": 1e-3}, {"aging": 50}])
def test_a_chip_says_nothing_of_time_where_no_cell_has_one(network, option):
    taox = load("yi2022-taox")
    with pytest.warns(UserWarning, match=rf"chip\.{next(iter(option))}: has no effect here, for no cell leaks"):
        SMALL[network](device=taox, chip=Chip(**option)).fit(X, Y)


@pytest.mark.parametrize("network", ["energy", "perceptron"])
def test_one_part_that_leaks_gives_time_its_effect(network):
    parts = (Significance(device=load("yi2022-taox"), gain=3.0), Significance(device=load("li2018-3t1c")))
    seen = []
    for seconds in (1e-5, 1e-3):
        chip = Chip(image_seconds=seconds, aging=50)
        model = SMALL[network](encoding=MultiConductance(parts=parts), scheme=BlindPulses(), chip=chip).fit(X, Y)
        seen.append(model.network_.layers[0].values)
    assert not np.array_equal(*seen)


def test_a_limit_wants_segments():
    assert Neurons(segments=8, limit=2.0).limit == 2.0
    with pytest.raises(InputError, match=r"neurons\.limit: has no effect here, for f is the exact function"):
        Neurons(limit=2.0)


@pytest.mark.parametrize("network", ["energy", "perceptron"])
@pytest.mark.parametrize("kind", [SoftPruning, ConventionalPruning])
def test_pruning_that_is_never_due_is_said(network, kind):
    def fit(maturity):
        model = SMALL[network](device=load("yi2022-taox"), pruning=kind(schedule=Schedule(maturity=maturity)))
        return model.fit(X, Y).network_

    with pytest.warns(UserWarning, match="no weight has matured, at 2,000 examples"):
        late = fit(2000)
    assert all((layer.array.n_live == layer.rows).all() for layer in late.layers)
    soon = fit(250)
    assert soon.unpruned is None
    assert (soon.layers[0].array.n_live < soon.layers[0].rows).all()


def test_neurons_that_fire_too_seldom_to_be_pruned_are_said():
    with pytest.warns(UserWarning, match="no weight has matured, at 2,000 output spikes of its neuron"):
        SMALL["spiking"](rule=SpikingRule(pruning=SoftPruning())).fit(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        early = SoftPruning(schedule=Schedule(maturity=20))
        network = SMALL["spiking"](rule=SpikingRule(pruning=early)).fit(X).network_
    assert (network.synapses.array.n_live < network.synapses.rows).any()


@pytest.mark.parametrize("network", SMALL)
def test_an_adc_converts_from_the_first_examples(network):
    """Its range is learned after the first, not after the 250 that this network never sees."""
    ideal, coarse = (
        SMALL[network](device=load("yi2022-taox"), chip=Chip(adc_bits=bits)).fit(X[:40], Y[:40]) for bits in (None, 3)
    )
    assert coarse.network_.layers[0].ranges[0] > 0
    assert not np.array_equal(ideal.network_.layers[0].values, coarse.network_.layers[0].values)


@pytest.mark.parametrize("scheme", [TikiTaka(fast_pulses=5.0), Agad(fast_pulses=5.0)])
def test_spikes_that_form_no_train_have_no_number_of_fast_pulses(scheme):
    with pytest.raises(InputError, match="fast_pulses: has no effect here, for a neuron that fires gives each"):
        SMALL["spiking"](device=load("li2018-3t1c"), scheme=scheme).fit(X)
    fields = [one.field for one in ranges([], {}, resolved("shi2018", ["scheme.name=tiki-taka"]))]
    assert fields == ["scheme.gain"]
