"""What does not fit is refused before it is made, and by name."""

from dataclasses import replace

import pytest

import insitu
from insitu import memory
from insitu.arrays import Crossbar
from insitu.errors import InputError
from insitu.learning import ActivityDifference
from insitu.learning.backprop import Neurons
from insitu.networks.energy import EnergyNetwork, EnergyRule
from insitu.networks.perceptron import Perceptron
from insitu.recipes import registry
from insitu.recipes.loading import resolve
from insitu.schemes import BlindPulses

IDEAL = insitu.load("ideal")


def perceptron(*sizes):
    return Perceptron(IDEAL, sizes, neurons=Neurons(), scheme=BlindPulses())


def energy(*sizes):
    return EnergyNetwork(IDEAL, sizes, EnergyRule(learning=ActivityDifference()))


LARGE = {
    "array: 1,000 inputs x 1,000 outputs x 1 cells a weight takes 0.0 GB": lambda: Crossbar(IDEAL, 1000, 1000),
    "layers: 9 x 60000 x 60000 x 2 takes 129.6 GB of memory or more": lambda: perceptron(9, 60_000, 60_000, 2),
    "layers: 9 x 60000 x 60000 takes": lambda: energy(9, 60_000, 60_000),
    "layers: got 102 of them": lambda: perceptron(*(9,) * 102),
}


@pytest.mark.parametrize(("words", "make"), LARGE.items(), ids=range(len(LARGE)))
def test_what_is_too_large_for_the_memory_that_is_free_is_refused(words, make, monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: 10_000_000)
    with pytest.raises(InputError, match=words):
        make()


def test_free_memory_is_a_number_of_bytes():
    assert memory.free_memory() > 1_000_000


@pytest.mark.parametrize(("low", "high"), [(1.0 - 1e-16, 1.0), (0.0, 1e-300), (9.99999e-6, 1e-5)])
def test_a_range_finer_than_the_precision_of_cells_is_refused(low, high):
    with pytest.raises(InputError, match=r"^g_max: .* single precision, which needs a range of at least 0\.001 %"):
        replace(IDEAL, g_min=low, g_max=high, step_up=high / 100, step_down=high / 100)


COUNTS = [
    ("shi2018", "training.presentations=1000000000000"),
    ("shi2018", "network.neurons=1000000000000"),
    ("shi2018", "wta.spikes=1000000000000"),
    ("yi2022", "two_layer.batch=1000000000000"),
    ("yi2022", "one_layer.updates=1000000000000"),
    ("yi2022", "two_layer.test_steps=-1"),
    ("yi2022", "images.test_steps=-1"),
    ("yi2022", "data.examples=1000000000000"),
    ("cristiano2018", "training.epochs=1000000000000"),
]


@pytest.mark.parametrize(("recipe", "change"), COUNTS)
def test_a_count_that_cannot_be_meant_is_refused_by_name(recipe, change):
    made = registry.load_module(registry.module_name(recipe)).Recipe
    with pytest.raises(InputError) as caught:
        resolve(made, registry.toml_text(recipe), [change])
    assert str(caught.value).replace(": ", ".").startswith(change.partition("=")[0])
