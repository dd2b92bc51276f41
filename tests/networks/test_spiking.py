import io
import pickle
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from cases import BAD_BINARY, WORST, images
from hypothesis import given, settings
from hypothesis import strategies as st

from insitu.cells import BitSlices
from insitu.errors import InputError
from insitu.learning import ConventionalPruning, SoftPruning, Stdp
from insitu.learning.pruning import Schedule
from insitu.networks.spiking import PoissonInput, SpikingNetwork, SpikingRule, WinnerTakeAll

once = settings(derandomize=True, deadline=None, max_examples=15, database=None)
SOFT = SpikingRule(pruning=SoftPruning(schedule=Schedule(maturity=150, power=0.5)))
HARD = SpikingRule(pruning=ConventionalPruning(schedule=Schedule(fraction=0.5, maturity=150, order="random")))
NETWORKS = {
    "analogue, soft": (WORST["exponential"], None, SOFT),
    "digital, hard": (BAD_BINARY, BitSlices(bits=2), HARD),
}
every_way = pytest.mark.parametrize("way", NETWORKS.values(), ids=NETWORKS)
SHOWN = images(800, 12, seed=1)


def network(way, seed=6):
    device, encoding, rule = way
    return SpikingNetwork(device, 12, 5, rule, encoding=encoding, seed=seed)


def identical(one, other):
    for name, value in one.arrays().items():
        np.testing.assert_array_equal(value, other.arrays()[name], err_msg=name)


@every_way
@once
@given(cuts=st.lists(st.integers(0, 800), max_size=5))
def test_any_split_gives_the_same_bits(way, cuts):
    whole, parts = network(way), network(way)
    winners = whole.learn(SHOWN)
    edges = [0, *sorted(cuts), 800]
    said = [parts.learn(SHOWN[a:b]) for a, b in pairwise(edges)]
    identical(whole, parts)
    assert (np.concatenate(said) == winners).all()
    assert whole.synapses.array.n_live.sum() < 60  # pruning has taken place on the way


@every_way
@pytest.mark.parametrize("through", ["arrays", "pickle"])
@pytest.mark.parametrize("stop", [0, 249, 333, 500])
def test_stop_and_resume_give_the_same_bits(way, through, stop):
    whole, stopped = network(way), network(way)
    whole.learn(SHOWN)
    stopped.learn(SHOWN[:stop])
    if through == "arrays":
        file = io.BytesIO()
        np.savez(file, **stopped.arrays())
        file.seek(0)
        resumed = network(way)
        resumed.restore(dict(np.load(file, allow_pickle=False)))
    else:
        resumed = pickle.loads(pickle.dumps(stopped))
    stopped.learn(SHOWN[:7])  # what has been saved does not hear of it
    resumed.learn(SHOWN[stop:])
    identical(whole, resumed)
    assert (resumed.respond(SHOWN[:9]) == whole.respond(SHOWN[:9])).all()


@every_way
def test_a_response_depends_on_the_image_alone(way):
    one = network(way)
    one.learn(SHOWN[:100])
    before = one.arrays()
    together = one.respond(SHOWN[:50])
    order = np.random.default_rng(0).permutation(50)
    assert (one.respond(SHOWN[order]) == together[order]).all()
    assert (np.concatenate([one.respond(SHOWN[i : i + 1]) for i in range(50)]) == together).all()
    assert (one.respond(SHOWN[:50], 1) == together[:, :8]).all()
    assert all((value == before[name]).all() for name, value in one.arrays().items() if name != "0.heard")


def test_seeds_differ():
    one, other = network(NETWORKS["analogue, soft"]), network(NETWORKS["analogue, soft"], seed=7)
    assert (one.synapses.values != other.synapses.values).mean() > 0.8  # faulty cells may agree
    assert (one.learn(SHOWN[:50]) != other.learn(SHOWN[:50])).mean() > 0.5


def test_homeostasis_makes_all_neurons_fire_equally_often():
    def share(homeostasis):
        rule = SpikingRule(wta=WinnerTakeAll(homeostasis=homeostasis, gain=8.0))
        one = SpikingNetwork(Stdp().ideal_device(), 12, 5, rule, seed=6)
        one.learn(SHOWN)
        return one.fired / one.fired.sum()

    assert share(0.3) == pytest.approx(np.full(5, 0.2), abs=0.01)
    assert share(0.0).max() > 0.3


def test_memory_stays_flat():
    """Learning twice as long leaves no more behind; what it takes on the way is the winners that it returns."""
    one = network(NETWORKS["analogue, soft"])
    for _ in range(5):
        one.learn(SHOWN)
    one.respond(SHOWN[:20])
    left, peaks = [], []
    tracemalloc.start()
    for rounds in (5, 10):
        tracemalloc.reset_peak()
        for _ in range(rounds):
            one.learn(SHOWN)
        left.append(tracemalloc.get_traced_memory()[0])
        peaks.append(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
    one_result = SHOWN.shape[0] * 8 * 4
    assert left[1] - left[0] < one_result / 2  # five more rounds, and not even one of their results is left
    assert abs(peaks[1] - peaks[0]) < one_result / 2
    assert peaks[0] < 5 * one_result


@pytest.mark.parametrize(
    "shown",
    [SHOWN[:, :11], np.tile(SHOWN, 2), SHOWN[0], SHOWN.astype(float), SHOWN.astype(np.int64), SHOWN[None]],
    ids=["fewer", "more", "one", "float", "int64", "3-D"],
)
def test_refuses_images_that_do_not_fit(shown):
    one = network(NETWORKS["analogue, soft"])
    for call in (one.learn, one.respond):
        with pytest.raises(InputError, match=r"images: got .* allowed is uint8 \(n, 12\)"):
            call(shown)


def test_no_image_is_no_change():
    one, other = network(NETWORKS["analogue, soft"]), network(NETWORKS["analogue, soft"])
    assert one.learn(SHOWN[:0]).shape == (0, 8)
    assert one.respond(SHOWN[:0], 4).shape == (0, 32)
    identical(one, other)


@pytest.mark.parametrize("name", ["bias", "fired", "0.memory", "0.0.g"])
def test_refuses_the_state_of_another_network(name):
    one = network(NETWORKS["analogue, soft"])
    arrays = one.arrays()
    del arrays[name]
    with pytest.raises(InputError, match=f"restore: '{name.split('.')[-1]}' is missing"):
        one.restore(arrays)


def test_a_window_as_long_as_the_presentation_sees_everything():
    rule = SpikingRule(
        input=PoissonInput(rate=10_000, presentation_ms=64, window_ms=64), wta=WinnerTakeAll(spikes=1, presentations=1)
    )
    one = SpikingNetwork(Stdp().ideal_device(), 12, 5, rule)
    one.respond(np.full((3, 12), 255, np.uint8))
    assert (one.heard.row_drives, one.heard.spikes_out) == (36, 3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PoissonInput(rate=0), "rate"),
        (lambda: PoissonInput(presentation_ms=65), "presentation_ms: got 65"),
        (lambda: PoissonInput(presentation_ms=20, window_ms=21), "window_ms: got 21"),
        (lambda: PoissonInput(window_ms=2.5), "window_ms"),
        (lambda: WinnerTakeAll(gain=-1), "gain"),
        (lambda: WinnerTakeAll(homeostasis=np.nan), "homeostasis"),
        (lambda: WinnerTakeAll(spikes=0), "spikes: got 0"),
        (lambda: WinnerTakeAll(presentations=True), "presentations: got True"),
        (lambda: SpikingRule(wta=WinnerTakeAll(spikes=50)), "50 output spikes do not fit"),
    ],
)
def test_refuses(make, message):
    with pytest.raises(InputError, match=message):
        make()


@given(presentation=st.integers(1, 64), data=st.data())
@settings(derandomize=True, deadline=None, database=None)
def test_every_output_spike_falls_into_the_presentation(presentation, data):
    window = data.draw(st.integers(1, presentation))
    spikes = data.draw(st.integers(1, presentation - window + 1))
    rule = SpikingRule(
        input=PoissonInput(presentation_ms=presentation, window_ms=window), wta=WinnerTakeAll(spikes=min(spikes, 64))
    )
    show = rule.show()
    assert show.start - show.window + 1 == 0
    assert show.start + (show.spikes - 1) * show.interval < show.steps == presentation
    assert show.spikes == 1 or show.interval >= 1
