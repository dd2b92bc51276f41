"""Neurons and feedback: what they accept, and what they tell the kernels."""

import naive_stack
import numpy as np
import pytest

from insitu.errors import InputError
from insitu.learning.backprop import Backpropagation, FeedbackAlignment, Neurons, glorot
from insitu.random import Stream


@pytest.mark.parametrize("kind", ["tanh", "logistic", "relu", "identity"])
def test_a_function_of_segments_is_exact_at_their_ends(kind):
    neurons = Neurons(function=kind, segments=5, limit=2.0)
    assert neurons.table() == pytest.approx(naive_stack.function(kind)[0](np.linspace(-2, 2, 6)), rel=1e-6)
    assert Neurons(function=kind).table().size == 0


def test_a_target_that_is_off_is_the_lowest_output_of_the_function():
    for kind in ("tanh", "logistic", "relu"):
        for loss in ("squared", "cross-entropy", "linear"):
            off = -1 if (kind, loss) == ("tanh", "squared") else 0
            found = Neurons(function=kind, loss=loss).targets(np.array([1, 0]), 3)
            np.testing.assert_array_equal(found, [[off, 1, off], [1, off, off]])


def test_feedback_is_fixed_random_numbers_as_large_as_first_weights():
    sizes = [(10, 8), (8, 4)]
    first, second = FeedbackAlignment(gain=2.0).matrices(sizes, seed=3)
    assert (first.shape, second.shape) == tuple(sizes)
    for matrix, (n, k) in zip((first, second), sizes, strict=True):
        limit = 2 * np.sqrt(6 / (n + k))
        assert 0.8 * limit < np.abs(matrix).max() <= limit
        assert abs(matrix.mean()) < 0.2 * limit
    assert (first[:8, :4] != second).all()
    again, other = (FeedbackAlignment(gain=2.0).matrices(sizes, seed=seed)[0] for seed in (3, 4))
    np.testing.assert_array_equal(again, first)
    assert (other != first).all()
    assert (first != 2 * glorot(3, Stream.WEIGHTS, 10, 8)).all()  # weights do not start aligned


def test_backpropagation_has_no_numbers_of_its_own():
    assert [matrix.shape for matrix in Backpropagation().matrices([(10, 8), (8, 4)], 3)] == [(0, 8), (0, 4)]


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
        (lambda: FeedbackAlignment(gain=0.0), "feedback.gain: got 0.0"),
    ],
)
def test_refuses(make, message):
    with pytest.raises(InputError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)
