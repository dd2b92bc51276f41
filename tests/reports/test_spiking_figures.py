import dataclasses
import warnings

import numpy as np
import pytest
from small_runs import ROWS, small_run

from insitu.errors import RunError
from insitu.networks.readout import ClassReadout
from insitu.reports import canvas
from insitu.reports.spiking_figures import draw_all

ALL = {"overview", "receptive_fields", "spikes", "accuracy", "weights", "pruned_map", "wear"}


@pytest.fixture(autouse=True)
def _coarse(monkeypatch):
    monkeypatch.setattr(canvas, "DPI", 50)  # quicker


def _draw(folder, run, rows=ROWS):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return draw_all(folder, run.trained, rows, "test images")


def test_all_figures_are_written_and_nothing_else_changes(tmp_path):
    run = small_run()
    before = [network.arrays() for network in (run.network, run.untrained)]
    paths = _draw(tmp_path, run)
    assert {path.stem for path in paths} == ALL
    assert sorted(paths) == sorted(tmp_path.glob("*.png"))
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)
    for network, was in zip((run.network, run.untrained), before, strict=True):
        for name, array in network.arrays().items():
            np.testing.assert_array_equal(array, was[name], err_msg=name)


@pytest.mark.parametrize(
    "options",
    [
        {"neurons": 1, "pruning": "none", "images": 0},
        pytest.param({"neurons": 4, "pruning": "conventional", "encoding": "pair"}, marks=pytest.mark.slow),
        pytest.param({"neurons": 12, "encoding": "bits", "pruning": "conventional"}, marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_unusual_runs(options, tmp_path):
    assert {path.stem for path in _draw(tmp_path, small_run(**options), rows=[])} == ALL - {"accuracy"}


@pytest.mark.slow
def test_silent_neurons_one_class_and_one_row(tmp_path):
    run = small_run(neurons=6)
    data = run.dataset
    some = data.test_labels == 3
    one_class = dataclasses.replace(data, test_images=data.test_images[some], test_labels=data.test_labels[some])
    silent = dataclasses.replace(run, dataset=one_class, readout=ClassReadout.empty(6, 10))
    assert set(silent.readout.neuron_class) == {-1}
    _draw(tmp_path, silent, rows=ROWS[:2])


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(RunError, match=r"overview\.png: cannot be written"):
        _draw(tmp_path / "missing", small_run(neurons=2, images=0))
