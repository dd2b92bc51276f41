import math

import numpy as np
import pytest

from insitu.errors import InputError
from insitu.networks.readout import ClassReadout, spike_counts

WINNERS = np.array([[0, 0, 1], [1, 1, 1], [2, 0, 2], [2, 2, 2]])
LABELS = np.array([0, 1, 2, 2])


def readout():
    return ClassReadout.empty(4, 3).add(WINNERS, LABELS)


def test_spikes_are_counted_by_neuron_and_class():
    assert readout().spikes.tolist() == [[2, 0, 1], [1, 3, 0], [0, 0, 5], [0, 0, 0]]
    assert readout().neuron_class.tolist() == [0, 1, 2, -1]


def test_batches_add():
    parts = ClassReadout.empty(4, 3).add(WINNERS[:1], LABELS[:1]).add(WINNERS[1:], LABELS[1:])
    assert (parts.spikes == readout().spikes).all()


def test_spike_counts():
    counts = spike_counts(WINNERS, 4)
    assert counts.tolist() == [[2, 1, 0, 0], [0, 3, 0, 0], [1, 0, 2, 0], [0, 0, 3, 0]]


def test_vote_counts_spikes_by_class():
    assert readout().predict(np.array([[0, 0, 1], [1, 2, 2], [3, 3, 1], [3, 3, 3]]), "vote").tolist() == [0, 2, 1, 0]


def test_bayes_sums_the_evidence_of_the_spikes():
    winners = np.array([[i, j, k] for i in range(4) for j in range(4) for k in range(4)])
    counts = [[2, 0, 1], [1, 3, 0], [0, 0, 5], [0, 0, 0]]
    totals = [sum(row[c] + 1 for row in counts) for c in range(3)]

    def best(spikes):
        evidence = [sum(math.log((counts[n][c] + 1) / totals[c]) for n in spikes) for c in range(3)]
        return max(range(3), key=lambda c: (round(evidence[c], 9), -c))

    assert readout().predict(winners).tolist() == [best(spikes) for spikes in winners.tolist()]


@pytest.mark.parametrize("decision", ["bayes", "vote"])
def test_probabilities_are_the_posterior_or_the_part_of_the_votes(decision):
    readout = ClassReadout(np.array([[8, 1], [1, 5], [0, 0]]))
    winners = np.array([[0, 0, 1], [1, 1, 2], [2, 2, 2]])
    found = readout.probabilities(winners, decision)
    if decision == "vote":
        expected = np.array([[2 / 3, 1 / 3], [0, 1], [0.5, 0.5]])
    else:
        p = np.array([[9, 2], [2, 6], [1, 1]]) / np.array([12, 9])
        likelihood = p[winners].prod(axis=1)
        expected = likelihood / likelihood.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found, expected, atol=1e-12)
    np.testing.assert_array_equal(found.argmax(axis=1), readout.predict(winners, decision))


def test_the_order_of_the_spikes_makes_no_difference():
    winners = np.array([[0, 1, 2, 2], [2, 0, 2, 1], [1, 2, 2, 0]])
    for decision in ("bayes", "vote"):
        assert len(set(readout().predict(winners, decision).tolist())) == 1


def test_refuses_another_decision():
    with pytest.raises(InputError, match="decision: got 'mean'; allowed: bayes, vote"):
        readout().predict(WINNERS, "mean")
