from dataclasses import replace

import numpy as np
import pytest
from cases import WORST

from insitu.chip import Chip
from insitu.errors import InputError
from insitu.learning import SoftPruning, Stdp
from insitu.learning.pruning import Schedule
from insitu.networks.convolutional_spiking import patch_rule
from insitu.networks.places import Places
from insitu.networks.spiking import PoissonInput, WinnerTakeAll
from insitu.networks.spiking_convolution import SpikingConvolution

RNG = np.random.default_rng(0)
IMAGES = (255 * (RNG.random((40, 6, 7)) < 0.3)).astype(np.uint8).reshape(40, -1)
IMAGES[5] = 0  # nothing to show
PLACES = Places((6, 7, 1), 3, regions=2)
MAPS = 5
#: inputs of full intensity fire at once, and the neuron of the largest sum does
SURE = patch_rule(
    input=PoissonInput(rate=10_000.0, presentation_ms=10),
    wta=WinnerTakeAll(reading_gain=1000.0, spikes=1, presentations=3),
)


def network(rule=None, *, places=PLACES, device=None, **options):
    rule = patch_rule() if rule is None else rule
    device = rule.stdp.ideal_device() if device is None else device
    return SpikingConvolution(device, places, MAPS, rule, **{"shown_positions": 4, "seed": 1} | options)


def learned(*args, images=IMAGES, **options):
    found = network(*args, **options)
    found.learn_images(images)
    return found


def test_counts_are_those_of_the_largest_sums_at_each_position():
    """Where two sums are all but alike, either may win, so images with such a patch are left out."""
    one = network(SURE)
    one.bias[:] = RNG.normal(size=MAPS)
    weights = one.synapses.values.astype(float)
    wanted, clear = np.zeros((len(IMAGES), 4, MAPS), int), np.ones(len(IMAGES), bool)
    for m, image in enumerate(IMAGES.reshape(-1, 6, 7)):
        for y in range(4):
            for x in range(5):
                patch = image[y : y + 3, x : x + 3].ravel() > 0
                if patch.any():
                    sums = np.stack([patch, ~patch], axis=1).ravel() @ weights + one.bias
                    wanted[m, 2 * (y >= 2) + (x >= 3), sums.argmax()] += 3
                    clear[m] &= np.diff(np.sort(sums))[-1] > 0.01
    assert clear.sum() > 20
    np.testing.assert_array_equal(one.count_spikes(IMAGES)[clear], wanted.reshape(len(IMAGES), -1)[clear])
    assert wanted.sum() == one.heard.spikes_out > 0 == wanted[5].sum()


def test_every_patch_gives_each_weight_of_one_map_a_pulse_and_all_maps_win_alike():
    one = learned(images=np.tile(IMAGES, (10, 1)))
    shown = 390 * 4  # all images but the empty one
    assert one.fired.sum() == one.shown == one.counts.spikes_out == shown
    assert one.counts.pulses == shown * PLACES.rows
    assert np.ptp(one.fired) < 0.1 * one.fired.mean()
    np.testing.assert_allclose(one.bias, -0.1 * one.fired)
    writes = one.synapses.array.writes[0]  # (columns, rows)
    np.testing.assert_array_equal(writes, np.tile(one.fired[:, None], (1, PLACES.rows)))


def test_positions_are_drawn_from_those_that_are_shown():
    one = network(shown_positions=50)
    busy = PLACES.busy(IMAGES)
    some, chosen = one._drawn(busy)
    assert [*some] == [m for m in range(40) if m != 5]
    for m, drawn in zip(some, chosen, strict=True):
        assert set(drawn) <= set(np.flatnonzero(busy[m]))
    assert len({len(set(drawn)) for drawn in chosen}) > 1
    assert np.mean([len(set(drawn)) for drawn in chosen]) > 12


@pytest.mark.parametrize("size", [1, 17])
def test_any_split_of_learning_and_listening_gives_the_same_bits(size):
    rule = patch_rule(pruning=SoftPruning(schedule=Schedule(maturity=20)))
    whole, parts = learned(rule, device=WORST["exponential"]), network(rule, device=WORST["exponential"])
    for start in range(0, len(IMAGES), size):
        parts.learn_images(IMAGES[start : start + size])
    for name, array in whole.arrays().items():
        np.testing.assert_array_equal(array, parts.arrays()[name], err_msg=name)
    counts = [parts.count_spikes(IMAGES[start : start + size]) for start in range(0, len(IMAGES), size)]
    np.testing.assert_array_equal(whole.count_spikes(IMAGES), np.concatenate(counts))


def test_the_number_of_threads_changes_nothing(monkeypatch):
    one = learned(device=WORST["exponential"], chip=Chip(adc_bits=4))
    found, heard = [], []
    for threads in "13":
        before = one.heard
        monkeypatch.setenv("NUMBA_NUM_THREADS", threads)
        found.append(one.count_spikes(IMAGES))
        heard.append(one.heard - before)
    np.testing.assert_array_equal(*found)
    assert heard[0] == heard[1]


def test_what_was_saved_learns_on_the_same():
    one = learned(device=WORST["exponential"])
    other = network(device=WORST["exponential"])
    other.restore(one.arrays())
    for each in (one, other):
        each.learn_images(IMAGES[::-1].copy())
    for name, array in one.arrays().items():
        np.testing.assert_array_equal(array, other.arrays()[name], err_msg=name)
    with pytest.raises(InputError, match="restore: 'seen' is missing"):
        other.restore({name: array for name, array in one.arrays().items() if name != "seen"})


def test_noise_of_cells_and_of_reads_is_felt():
    plain, rough = learned(), learned(device=replace(Stdp().ideal_device(), c2c_cv=0.5))
    assert np.abs(plain.synapses.values - rough.synapses.values).max() > 0.05
    loud = learned(SURE, chip=Chip(output_noise=2.0))
    assert (loud.count_spikes(IMAGES) != learned(SURE).count_spikes(IMAGES)).any()


def test_pruned_weights_take_no_pulse():
    one = learned(
        patch_rule(pruning=SoftPruning(schedule=Schedule(maturity=10, fraction=0.5))), images=np.tile(IMAGES, (10, 1))
    )
    frozen = one.synapses.array.frozen > 0  # (columns, rows)
    assert (frozen.sum(axis=1) == PLACES.rows // 2).all()
    before = one.synapses.array.writes[0].copy()
    one.learn_images(IMAGES)
    after = one.synapses.array.writes[0]
    assert (after[frozen] == before[frozen]).all()
    assert (after[~frozen] > before[~frozen]).any()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"shown_positions": 0}, "positions: got 0"),
        ({"rule": patch_rule(wta=WinnerTakeAll(spikes=1, presentations=1000)), "places": Places((64, 64, 1), 3)},
         "rule.wta.presentations: 1000 of 3,844 positions are more"),
        ({"rule": patch_rule(wta=WinnerTakeAll(spikes=1, presentations=1000)), "places": Places((32, 32, 1), 3, regions=1)},
         "regions: a region has 900,000 output spikes"),
        ({"rule": 3}, "rule: got 3"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(options, sentence):
    rule, device = options.pop("rule", patch_rule()), Stdp().ideal_device()
    with pytest.raises(InputError, match=f"^{sentence}"):
        network(rule, device=device, **options)


def test_images_of_another_shape_are_refused():
    with pytest.raises(InputError, match=r"images: got float64 of shape \(40, 42\); allowed is uint8 \(n, 42\)"):
        network().learn_images(IMAGES.astype(float))
    with pytest.raises(InputError, match="images: got uint8"):
        network().count_spikes(IMAGES[:, :-1])
