"""Neurons and trains: what they accept, and what they tell the kernels."""

import naive_stack
import numpy as np
import pytest

from insitu.errors import InputError
from insitu.learning.backprop import DeterministicPulses, Neurons, StochasticPulses


@pytest.mark.parametrize("kind", ["tanh", "logistic", "relu", "identity"])
def test_a_function_of_segments_is_exact_at_their_ends(kind):
    neurons = Neurons(function=kind, segments=5, limit=2.0)
    assert neurons.table() == pytest.approx(naive_stack.function(kind)[0](np.linspace(-2, 2, 6)), rel=1e-6)
    assert Neurons(function=kind).table().size == 0


def test_a_target_that_is_off_is_the_lowest_output_of_the_function():
    off = {(kind, loss): Neurons(function=kind, loss=loss).vector()[2] for kind in ("tanh", "logistic", "relu")
           for loss in ("squared", "cross-entropy")}  # fmt: skip
    assert {key for key, value in off.items() if value} == {("tanh", "squared")}
    assert off["tanh", "squared"] == -1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Neurons(function="sigmoid"),
            "neurons.function: got 'sigmoid'; allowed are tanh, logistic, relu, identity",
        ),
        (lambda: Neurons(loss="hinge"), "neurons.loss: got 'hinge'"),
        (lambda: Neurons(segments=0), "neurons.segments: got 0"),
        (lambda: Neurons(limit=0.0), "neurons.limit: got 0.0"),
        (lambda: Neurons(noise=-0.1), "neurons.noise: got -0.1"),
        (lambda: StochasticPulses(slots=64), "pulses.slots: got 64; allowed is a whole number from 1 to 63"),
        (lambda: DeterministicPulses(x_levels=0), "pulses.x_levels: got 0"),
        (lambda: DeterministicPulses(delta_levels=1.5), "pulses.delta_levels: got 1.5"),
        (lambda: DeterministicPulses(full=0.0), "pulses.full: got 0.0"),
    ],
)
def test_refuses(make, message):
    with pytest.raises(InputError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)
