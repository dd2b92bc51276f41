import dataclasses

import numpy as np
import pytest

from insitu.datasets import load_digits
from insitu.learning import Stdp
from insitu.networks.inputs import InputMap, active_pixels
from insitu.networks.readout import ClassReadout
from insitu.networks.spiking import SpikingNetwork, SpikingRule, WinnerTakeAll
from insitu.recipes import exam as module
from insitu.recipes.exam import Exam

RULE = SpikingRule(wta=WinnerTakeAll(presentations=2))


@pytest.fixture(scope="module")
def exam() -> Exam:
    digits = load_digits()
    inputs = InputMap(active_pixels(digits.train_images), 255.0)
    shown, labels = inputs(digits.train_images), digits.train_labels.astype(np.int64)
    asked = {"": (inputs(digits.test_images), digits.test_labels), "validation_": (shown[400:600], labels[400:600])}
    return Exam(shown[:400], labels[:400], asked)


@pytest.fixture
def network(exam) -> SpikingNetwork:
    return SpikingNetwork(Stdp().ideal_device(), exam.shown.shape[1], 30, RULE, seed=5)


def test_accuracies_are_shares_of_the_images_asked(exam, network):
    readout = ClassReadout.empty(30, 10).add(network.respond(exam.shown, 2), exam.labels)
    np.testing.assert_array_equal(exam.name(network).spikes, readout.spikes)
    images, truth = exam.asked[""]
    winners = network.respond(images)
    for key, decision in (("accuracy", "bayes"), ("accuracy_vote", "vote")):
        right = readout.predict(winners, decision) == truth
        assert exam.ask(network, readout, "")[key] == right.mean()
        assert exam.ask(network, readout, "", every=3)[key] == right[::3].mean()
    voted = dataclasses.replace(exam, decision="vote").ask(network, readout, "")
    assert voted["accuracy"] == voted["accuracy_vote"] == exam.ask(network, readout, "")["accuracy_vote"]


def test_a_look_leaves_no_trace(exam, network):
    network.learn(exam.shown[:50])
    before = {name: array.copy() for name, array in network.arrays().items()}
    found = exam.look(network, "", "validation_")
    for name, array in network.arrays().items():
        np.testing.assert_array_equal(array, before[name], err_msg=name)
    readout = exam.name(network)
    assert found == exam.ask(network, readout, "") | exam.ask(network, readout, "validation_")


def test_of_many_images_a_part_is_asked(exam, network, monkeypatch):
    monkeypatch.setattr(module, "_ENOUGH", 150)  # of 360 test images every third; of 200 held back every second
    found = exam.look(network, "", "validation_")
    readout = exam.name(network)
    assert found == exam.ask(network, readout, "", 3) | exam.ask(network, readout, "validation_", 2)
    tested = exam.tested()
    assert (tested["accuracy"], tested["untrained_accuracy"], tested["untrained_accuracy_vote"]) == (360, 120, 120)
    assert (tested["validation_accuracy"], tested["untrained_validation_accuracy"]) == (200, 100)


def test_learning_is_worth_more_than_the_labels_of_random_neurons(exam, network):
    without = exam.look(network, "")
    for _ in range(10):
        network.learn(exam.shown)
    with_learning = exam.look(network, "")
    assert without["accuracy"] > 0.25  # far above chance, 0.1: labels alone do that
    assert with_learning["accuracy"] > without["accuracy"] + 0.2
