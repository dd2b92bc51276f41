from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure
from small_runs import ENCODINGS, ROWS, small_run

from insitu.reports import spiking_panels as panels


@pytest.fixture(scope="module", params=ENCODINGS)
def small(request):
    return small_run(encoding=request.param)


@pytest.fixture
def axes():
    return Figure().subplots()


def _bars(axes, label):
    return next(p.get_data().values.sum() for p in axes.patches if p.get_label().startswith(label))


def test_every_weight_is_in_a_bin(small, axes):
    run = small.trained
    panels.draw_weights(axes, run)
    pruned = int(run.pruned.sum())
    assert 0 < pruned < run.pruned.size
    assert _bars(axes, f"after: {pruned:,} pruned") == pruned
    assert _bars(axes, f"after: {run.pruned.size - pruned:,} live") == run.pruned.size - pruned
    assert _bars(axes, "before") == run.pruned.size


@pytest.mark.parametrize("bits", [1, 2, 4, 6, 8])
def test_levels_fall_in_mid_bin(bits):
    class Array:
        weights = np.linspace(-1, 1, 2**bits)[None]
        encoding = type(ENCODINGS["bits"])(bits=bits)

    network = SimpleNamespace(synapses=SimpleNamespace(array=Array))
    edges = panels.weight_bins(panels.Trained(network, network, None, None, None))
    counts, _ = np.histogram(Array.weights, edges)
    assert counts.sum() == 2**bits
    distance = np.abs(Array.weights.ravel()[:, None] - edges).min(axis=1)
    assert distance.min() > 0.49 * min(2 / (2**bits - 1), edges[1] - edges[0])


def test_every_cell_is_in_the_wear_histogram(small, axes):
    panels.draw_wear(axes, small.trained)
    writes = small.network.synapses.array.writes
    assert _bars(axes, "all") == writes.size
    assert axes.lines[0].get_xdata()[0] == pytest.approx(writes.mean())
    assert axes.lines[2].get_xdata()[0] == writes.max()


def test_the_wear_map_sums_the_cells_of_a_weight(small, axes):
    drawn = panels.draw_wear_map(axes, small.trained).get_array()
    mean = np.asarray(drawn.compressed()).mean()
    assert mean == pytest.approx(small.network.synapses.array.writes.sum() / small.network.synapses.array.weights.size)
    assert drawn.mask.sum() == (~small.inputs.mask).sum()


def test_the_pruned_map_is_the_share_of_neurons(small, axes):
    run = small.trained
    drawn = panels.draw_pruned_map(axes, run).get_array().compressed()
    assert drawn.mean() == pytest.approx(100 * run.pruned.mean())


def test_fields_show_weights_classes_and_pruning(small, axes):
    run = small.trained
    neurons = np.arange(4)
    colors = panels.draw_fields(axes, run, neurons, 2, show_pruned=True)
    height, width = run.dataset.shape
    picture = axes.images[0].get_array()
    assert picture.shape[:2] == (2 * height + 1, 2 * width + 1)
    tile = picture[:height, width + 1 :].reshape(-1, 4)[run.inputs.mask]
    live = ~run.pruned[:, 1]
    expected = colors.cmap(colors.norm(run.after.synapses.array.weights[:, 1]))
    np.testing.assert_allclose(tile[live], expected[live])
    assert len(np.unique(tile[~live], axis=0)) == 1
    assert [text.get_text() for text in axes.texts] == [
        str(label) if label >= 0 else "–" for label in run.readout.neuron_class[:4]
    ]


def test_accuracy_is_the_metrics(axes):
    panels.draw_accuracy(axes, ROWS, "test images")
    np.testing.assert_allclose(axes.lines[0].get_xydata(), [[0, 50], [250, 60], [500, 70]])
    assert axes.get_ylabel() == "test images named correctly (%)"
    right = next(other for other in axes.figure.axes if other is not axes)
    np.testing.assert_allclose(right.lines[0].get_ydata(), [0, 25, 50])


def test_the_network_without_learning_is_a_line_beside_the_accuracy(axes):
    panels.draw_accuracy(axes, ROWS, "test images")
    np.testing.assert_allclose(axes.lines[1].get_ydata(), 50)
    assert axes.get_ylim()[0] < 50
    assert "without learning: 50.0 %" in [text.get_text() for text in axes.get_legend().get_texts()]


def test_pulses_begin_at_none(axes):
    panels.draw_pulses(axes, ROWS)
    np.testing.assert_allclose(axes.lines[0].get_xydata() * [1, 1e6], [[0, 0], [250, 9], [500, 18]])
