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
    CrossbarRegressor,
    EnergyClassifier,
    EnergyRegressor,
    FeedbackAlignment,
    MixedPrecision,
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

    with pytest.warns(UserWarning, match="nothing is pruned so far: weights mature from 2,000 examples on"):
        late = fit(2000)
    assert all((layer.array.n_live == layer.rows).all() for layer in late.layers)
    soon = fit(250)
    assert soon.unpruned is None
    assert (soon.layers[0].array.n_live < soon.layers[0].rows).all()


def test_neurons_that_fire_too_seldom_to_be_pruned_are_said():
    with pytest.warns(UserWarning, match="weights mature from 2,000 output spikes of its neuron on"):
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


def test_feedback_wants_a_layer_to_go_back_through():
    with pytest.raises(
        InputError, match="feedback: got FeedbackAlignment, but of one layer of weights no error goes back"
    ):
        CrossbarClassifier((), epochs=1, feedback=FeedbackAlignment()).fit(X, Y)


@pytest.mark.parametrize("network", SMALL)
def test_classes_are_those_of_the_first_call(network):
    model = SMALL[network]().partial_fit(X, Y)
    model.partial_fit(X, Y, classes=range(10))
    with pytest.raises(InputError, match=r"classes: got \[0, 1, .*, but learning began with \[0, 1, "):
        model.partial_fit(X, Y, classes=range(20))


@pytest.mark.parametrize("kind", [CrossbarRegressor, EnergyRegressor])
@pytest.mark.parametrize("factor", [1e300, 1e-300])
def test_targets_beyond_single_precision_are_refused(kind, factor):
    with pytest.raises(InputError, match=r"y: the largest value is .*, so scale the targets"):
        kind((4,), epochs=1).fit(X, (Y + 1) * factor)


@pytest.mark.parametrize("network", ["energy", "perceptron"])
def test_what_is_asked_is_bounded_as_what_is_learned_from(network):
    model = SMALL[network]().fit(X, Y)
    with pytest.raises(InputError, match=r"X: the largest value is 1.6e\+301; allowed is at most 1e30"):
        model.predict_proba(X * 1e300)


def test_a_scheme_that_adds_up_is_not_told_to_take_one():
    with pytest.warns(UserWarning, match="no pulse was given in 60 examples: .*; raise the rate, or learn longer"):
        CrossbarClassifier(
            (8,), device="gong2022-om", scheme=MixedPrecision(), epochs=1, learning_rate=1e-3, random_state=0
        ).fit(X[:60] / 16, Y[:60])
