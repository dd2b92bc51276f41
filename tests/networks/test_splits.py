"""With all reads noisy: no split, order, stop, copy or number of threads changes a bit, and listening leaves no mark."""

import io
import pickle
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from cases import BINARY
from small_networks import CHIP, DEVICE, NETWORKS, UNITS, choice, same_bits
from stack_cases import BOTH, FAULTS

from insitu.cells import BitSlices
from insitu.chip import Chip
from insitu.devices.base import ReadNoise
from insitu.kernels import threads
from insitu.ledger import Counts
from insitu.schemes import Exact, MixedPrecision, Transfer, WriteVerify

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning", "ignore:.*weights lost")

NOISE = ReadNoise(cv=0.05, sd=0.02e-6)
NOISY, BITS = replace(DEVICE, read_noise=NOISE), replace(BINARY, read_noise=ReadNoise(cv=0.3))
WIRED = Chip(row_ohm=2e3, column_ohm=2e3, tile_rows=40, wire_tolerance=0.0, output_noise=0.05)
HEARING = replace(CHIP, output_noise=0.05)
#: options of the estimators
WAYS = {
    "as it is": {"device": NOISY},
    "wires": {"device": NOISY, "chip": WIRED},
    "read disturb": {"device": NOISY, "chip": replace(HEARING, read_disturb=1e-3)},
    "bits": {"device": BITS, "encoding": BitSlices(bits=4), "scheme": WriteVerify()},
    "two significances": {"encoding": BOTH, "scheme": MixedPrecision(transfer=Transfer(every=40, refresh=20))},
    "numbers": {"device": NOISY, "scheme": Exact()},
    "numbers of faulty cells": {"device": replace(NOISY, faults=FAULTS), "scheme": Exact()},
    "numbers of bits": {"device": BITS, "encoding": BitSlices(bits=4), "scheme": Exact()},
    "numbers of two significances": {"encoding": BOTH, "scheme": Exact()},
}
#: the one that takes longest to compile first, while another process of the tests compiles the others for test_felt
every_network = pytest.mark.parametrize("name", ["perceptron", "energy", "recurrent", "spiking"])
QUICK = ("as it is", "wires")  # the others compile much
every_way = pytest.mark.parametrize(
    "way", [pytest.param(way, marks=[] if way in QUICK else [pytest.mark.slow]) for way in WAYS]
)


def stages(way):
    """Return where a training stops and where it ends, in units; behind wires each example costs all their currents anew."""
    return (2, 4) if way == "wires" else (5, UNITS)


def made(name, way="as it is", units=0):
    one = NETWORKS[name].make(**{"chip": HEARING} | WAYS[way])
    return learn(name, one, 0, units)


def learn(name, one, begin, end):
    if end > begin:
        NETWORKS[name].learn(one, begin, end)
    return one


def answers(name, one, order=slice(None)):
    return getattr(one, NETWORKS[name].answer)(NETWORKS[name].examples[order])


def same_answers(name, one, other):
    """To the last bit; where BLAS sums a whole batch at once, the last bit of an activity may depend on the batch, the class
    that is named does not."""
    if name == "energy":
        np.testing.assert_allclose(one, other, rtol=0, atol=2e-7)
        one, other = choice(name, one), choice(name, other)
    np.testing.assert_array_equal(one, other)


# -- listening ---------------------------------------------------------------------------------------------------------


@every_network
@every_way
def test_an_answer_depends_on_its_example_alone(name, way):
    one = made(name, way, 4)
    together = answers(name, one)
    np.testing.assert_array_equal(answers(name, one), together)
    order = np.random.default_rng(0).permutation(len(together))
    same_answers(name, answers(name, one, order), together[order])
    for size in (1, 7):
        parts = [answers(name, one, slice(start, start + size)) for start in range(0, len(together), size)]
        same_answers(name, np.concatenate(parts), together)


@every_network
def test_noise_is_heard(name):
    """Else all that stands here says little."""
    noisy, quiet = made(name, units=4), NETWORKS[name].make(device=DEVICE, chip=CHIP)
    learn(name, quiet, 0, 1).network_.restore(noisy.network_.arrays())
    assert (answers(name, noisy) != answers(name, quiet)).any()


@every_network
@every_way
def test_listening_leaves_no_mark_but_in_its_own_counts(name, way):
    one = made(name, way, 2)
    before, counts, heard = one.network_.arrays(), one.counts_, one.listening_counts_
    answers(name, one)
    same_bits(before, one.network_.arrays())
    assert one.counts_ == counts
    assert one.listening_counts_.reads > heard.reads
    assert one.listening_counts_.pulses == 0
    once = one.listening_counts_ - heard
    answers(name, one)
    assert one.listening_counts_ - heard == once + once


@pytest.mark.parametrize("name", ["energy", "perceptron"])
def test_a_negative_input_costs_its_own_example_a_read_and_no_other(name):
    """Positive and negative parts are applied one after the other; only the first layer has inputs."""
    one = made(name, units=1)
    shown = np.abs(NETWORKS[name].examples) + 1e-3
    layer = one.network_.layers[0]

    def heard(examples):
        before = Counts.of(layer.heard)
        getattr(one, NETWORKS[name].answer)(examples)
        after = Counts.of(layer.heard) - before
        return after.products, after.conversions, after.reads

    products, conversions, reads = heard(shown)
    shown[7, 3] *= -1
    assert heard(shown) == (products + 1, conversions + layer.columns, reads)


# -- learning ----------------------------------------------------------------------------------------------------------


@every_network
@every_way
def test_fitting_in_parts_is_fitting_at_once(name, way):
    stop, last = stages(way)
    whole, parts = made(name, way, last), made(name, way)
    for begin, end in pairwise(sorted({0, 1, stop - 1, stop, last - 1, last})):
        learn(name, parts, begin, end)
        answers(name, parts)  # and looking at it in between is no matter
    same_bits(whole.network_.arrays(), parts.network_.arrays())
    np.testing.assert_array_equal(answers(name, whole), answers(name, parts))
    assert whole.counts_ == parts.counts_


@every_network
@every_way
def test_a_checkpoint_in_the_middle_is_going_on(name, way):
    stop, last = stages(way)
    whole, stopped, resumed = made(name, way, stop), made(name, way, stop), made(name, way, 1)
    file = io.BytesIO()
    np.savez(file, **stopped.network_.arrays())
    learn(name, stopped, stop, stop + 1)  # what has been saved does not hear of it
    file.seek(0)
    resumed.network_.restore(dict(np.load(file, allow_pickle=False)))
    for one in (whole, resumed):
        learn(name, one, stop, last)
    same_bits(whole.network_.arrays(), resumed.network_.arrays(), but=())
    np.testing.assert_array_equal(answers(name, whole), answers(name, resumed))


@every_network
@every_way
def test_a_copy_goes_on_as_the_original_does(name, way):
    stop, last = stages(way)
    one = made(name, way, stop)
    answers(name, one)
    other = pickle.loads(pickle.dumps(one))
    for each in (one, other):
        learn(name, each, stop, last)
    same_bits(one.network_.arrays(), other.network_.arrays(), but=())
    np.testing.assert_array_equal(answers(name, one), answers(name, other))
    assert one.counts_ == other.counts_


@every_network
@every_way
def test_one_and_two_threads_give_the_same_bits(name, way, monkeypatch):
    said = []
    for number in (1, 2):
        monkeypatch.setenv("NUMBA_NUM_THREADS", str(number))
        assert threads.threads() == len(threads.in_parts(lambda part: part, len(NETWORKS[name].examples))) == number
        one = made(name, way, 1 if way == "wires" else 3)
        said.append((one.network_.arrays(), answers(name, one), one.listening_counts_))
    same_bits(said[0][0], said[1][0], but=())
    np.testing.assert_array_equal(said[0][1], said[1][1])
    assert said[0][2] == said[1][2]
