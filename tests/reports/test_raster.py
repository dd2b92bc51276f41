import numpy as np
import pytest
from matplotlib.figure import Figure

from insitu.networks.spiking import PoissonInput, SpikingRule, WinnerTakeAll
from insitu.reports.raster import blocks, draw_raster, first_images, spike_times

RULE = SpikingRule(input=PoissonInput(presentation_ms=20, window_ms=5), wta=WinnerTakeAll(spikes=3, presentations=2))


@pytest.fixture
def show():
    """How the network listens: not at the top of the file, for its kernels compile then wherever tests are collected."""
    return RULE.show(RULE.wta.presentations)


def test_spikes_fall_where_the_rule_puts_them(show):
    # the first at the end of the 5 ms window, the others 7 ms apart; every presentation takes 20 ms
    assert spike_times(2, show).tolist() == [[4, 11, 18, 24, 31, 38], [44, 51, 58, 64, 71, 78]]


def test_first_images_and_blocks():
    labels = np.array([2, 0, 2, 0, 0, 2])
    at = first_images(labels, 2)
    assert at.tolist() == [1, 3, 0, 2]
    assert blocks(labels[at], 40) == [(0, 0, 80), (2, 80, 160)]
    assert len(first_images(np.arange(50), 1)) == 10


def test_the_points_are_the_winners(show):
    rng = np.random.default_rng(0)
    labels = np.array([0, 0, 7, 7])
    winners = rng.integers(0, 5, (4, 6))
    neurons, kind = np.array([3, 0, 4]), np.array([7, 2, 2, 0, -1])
    axes = Figure().subplots()
    draw_raster(axes, winners, labels, show, neurons, kind)
    drawn = {
        (int(t), int(neurons[int(y)])) for line in axes.lines if line.get_marker() == "|" for t, y in line.get_xydata()
    }
    times = spike_times(4, show)
    wanted = {(int(t), int(k)) for t, k in zip(times.ravel(), winners.ravel(), strict=True) if k in neurons}
    assert drawn == wanted
    assert [text.get_text() for text in axes.get_yticklabels()] == ["0  (no. 3)", "7  (no. 0)", "–  (no. 4)"]
