import warnings

import numpy as np
import pytest

from insitu.cells import MultiConductance, ReferencedDevice, Significance
from insitu.datasets import load_digits
from insitu.devices.library import load
from insitu.errors import RunError
from insitu.learning.backprop import Neurons
from insitu.networks.perceptron import Perceptron
from insitu.reports import canvas
from insitu.reports.perceptron_cells import wear_figure, weights_figure
from insitu.reports.perceptron_figures import Answers, draw_all, mistakes_figure
from insitu.schemes import BlindPulses, TikiTaka, Transfer

DATA = load_digits()
PCM, CAPACITOR = load("ambrogio2018-pcm").device, load("ambrogio2018-3t1c").device
MSP = Significance(device=PCM, gain=3.0)
CELLS = {
    "pair": (MSP, Significance(device=CAPACITOR)),
    "shared": (MSP, Significance(device=CAPACITOR, pair=ReferencedDevice)),
    "MSP alone": (MSP,),
    "LSP alone": (Significance(device=CAPACITOR, pair=ReferencedDevice),),
    "three": (MSP, MSP, Significance(device=CAPACITOR)),
}
ROWS = [
    {"epoch": n, "images": 300 * n, "online_accuracy": a, "pulses": 9000 // n, "cells_reset": 40 * n}
    for n, a in ((1, 0.7), (2, 1.0))
]


@pytest.fixture(autouse=True)
def _coarse(monkeypatch):
    monkeypatch.setattr(canvas, "DPI", 50)  # quicker


def _trained(cell: str, images: int = 300, **scheme: Transfer) -> Perceptron:
    encoding = MultiConductance(parts=CELLS[cell], unit=2.0)
    network = Perceptron(None, (576, 8, 10), encoding=encoding, neurons=Neurons(), scheme=BlindPulses(**scheme), seed=1)
    network.learn(DATA.train_images[:images], DATA.train_labels[:images].astype(np.int64), 0.02, 1 / 255)
    return network


def _tested(wrong: int) -> Answers:
    answers = DATA.test_labels.astype(int).copy()
    answers[:wrong] = (answers[:wrong] + 1) % 10
    return Answers(DATA.test_images, DATA.shape, DATA.test_labels, answers)


def _draw(folder, network, rows=ROWS, curve=(0.8, 1.0), wrong=5):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return draw_all(folder, network, rows, curve, _tested(wrong))


@pytest.mark.parametrize(
    "cell",
    [pytest.param(cell, marks=[pytest.mark.slow] * (cell in ("three", "MSP alone", "shared"))) for cell in CELLS],
)
def test_all_figures_of_every_cell_and_the_network_stays_as_it_is(tmp_path, cell):
    network = _trained(cell)
    before, counts = network.arrays(), network.counts
    paths = _draw(tmp_path, network)
    assert {path.stem for path in paths} == {"accuracy", "weights", "pulses", "wear", "conductance", "mistakes"}
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)
    assert network.counts == counts
    for name, array in network.arrays().items():
        np.testing.assert_array_equal(array, before[name], err_msg=name)


@pytest.mark.parametrize(
    "wrong", [pytest.param(0, marks=pytest.mark.slow), 1, pytest.param(60, marks=pytest.mark.slow)]
)
def test_few_or_many_mistakes_one_epoch_no_twin(tmp_path, wrong):
    _draw(
        tmp_path, _trained("pair", 0), rows=[ROWS[0] | {"validation_accuracy": 0.5, "pulses": 0}], curve=(), wrong=wrong
    )
    title = mistakes_figure(_tested(wrong))._suptitle.get_text()
    words = {0: "No test image", 1: "all 1:", 60: "the first 40 of 60"}
    assert words[wrong] in title


def test_what_was_emptied_is_said_where_something_was():
    title = weights_figure(_trained("pair"))._suptitle.get_text()
    assert "last transfer" not in title
    title = weights_figure(_trained("pair", transfer=Transfer(every=300)))._suptitle.get_text()
    assert "LSP is narrow, as it was emptied at the last transfer" in title


def test_every_axis_says_what_it_shows():
    network = _trained("pair")
    for axes in wear_figure(network, DATA.shape).axes[:2]:
        assert "writes" in axes.get_xlabel()
        assert "cells a bin" in axes.get_ylabel()


def test_an_array_beside_the_weights_wears_too():
    scheme = TikiTaka(zero_shift=1)
    encoding = MultiConductance(parts=CELLS["LSP alone"], unit=2.0)
    network = Perceptron(None, (576, 2, 10), encoding=encoding, neurons=Neurons(), scheme=scheme, seed=1)
    titles = [axes.get_title() for axes in wear_figure(network, DATA.shape).axes]
    assert titles[:2] == ["array", "fast array"]


def test_a_map_is_the_mean_over_neurons_and_devices_of_a_pixel():
    network = _trained("pair")
    array = network.layers[0].levels[0]
    (drawn,) = (image.get_array() for axes in wear_figure(network, DATA.shape).axes for image in axes.images)
    for row, column in ((0, 0), (5, 11), (23, 23)):
        pixel = 24 * row + column
        writes = [array.writes[plane, neuron, pixel] for plane in range(2) for neuron in range(8)]
        assert drawn[row, column] == pytest.approx(sum(map(int, writes)) / 16)


def test_the_parts_of_a_histogram_add_up_to_the_weights():
    layer = _trained("pair").layers[0]
    held = layer.levels[0].weights + layer.array.chop[:, None] * layer.array.part
    np.testing.assert_allclose(held, layer.values, atol=1e-6)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(RunError, match=r"accuracy\.png: cannot be written"):
        _draw(tmp_path / "missing", _trained("LSP alone", 0))
