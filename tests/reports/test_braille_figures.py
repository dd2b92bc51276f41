from types import SimpleNamespace

import numpy as np
import pytest

from insitu.datasets import braille
from insitu.devices.library import load
from insitu.ledger import Counts
from insitu.networks.energy import EnergyNetwork, EnergyRule
from insitu.networks.hopfield import BinaryRule
from insitu.networks.recurrent import RecurrentNetwork
from insitu.reports import canvas
from insitu.reports.braille_figures import METHODS, dot_places, draw_all, draw_words
from insitu.reports.canvas import new_figure
from insitu.reports.energy_figures import draw_images

TAOX = load("yi2022-taox").device


@pytest.fixture(autouse=True)
def _coarse(monkeypatch):
    monkeypatch.setattr(canvas, "DPI", 50)  # quicker


@pytest.mark.parametrize("words", [("turing",), pytest.param(tuple("abcdefghijklm"), marks=pytest.mark.slow)])
def test_all_figures_are_written_and_nothing_is_counted(tmp_path, words):
    patterns = braille.encode(words)
    two = EnergyNetwork(TAOX, (60, 8, len(words)), EnergyRule(), seed=0)
    one = RecurrentNetwork(TAOX, 60, BinaryRule())
    one.learn(patterns, 0.1, batch=20, noise=(0.1, 0.4))
    before = [network.arrays() for network in (two, one)]
    recall = {key: {"0.1": 0.9, "0.3": 0.5} for key in METHODS}

    def distorted(flip, place):
        label = np.tile(np.arange(len(words)), 3)
        return braille.distort(patterns[label], flip, batch=place), label

    errors = {"two_layer": [1.0, 0.5], "one_layer": [1.0]}
    run = SimpleNamespace(patterns=patterns, two=two, one=one, errors=errors)
    paths = draw_all(tmp_path, run, recall, distorted)
    assert {path.stem for path in paths} == {"words", "energy", "training", "distortion", "conductances"}
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)
    for network, was in zip((two, one), before, strict=True):
        for name, array in network.arrays().items():
            np.testing.assert_array_equal(array, was[name], err_msg=name)


def test_images_without_rows(tmp_path):
    network = EnergyNetwork(TAOX, (9, 4, 2), EnergyRule(), seed=0)
    x = np.random.default_rng(0).random((5, 9)).astype(np.float32)
    assert {path.stem for path in draw_images(tmp_path, network, x, [])} == {"energy", "conductances"}
    assert network.heard == Counts()


def test_dots_stand_in_two_columns_of_three():
    np.testing.assert_array_equal(dot_places(np.ones(6)), [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]])
    assert (dot_places(np.ones(12))[6:, 0] >= 2).all()


def test_letters_stand_beneath_and_errors_are_red():
    truth = braille.encode(["ab"], cells=2)
    seen = truth.copy()
    seen[0, 1] = 1  # a becomes b
    axes = new_figure(3, 2).subplots()
    draw_words(axes, seen, truth)
    assert [text.get_text() for text in axes.texts] == ["b", "b"]
    assert [text.get_color() == canvas.UP for text in axes.texts] == [True, False]
