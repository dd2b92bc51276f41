"""The schemes on one network: ideal limits, resume bit for bit, what is counted, and what is frozen stays."""

from dataclasses import replace

import numpy as np
import pytest
from cases import BINARY, IDEAL
from stack_cases import BOTH, PAIR, UNIT, capacitors

from insitu.arrays.closed_loop import ClosedLoop
from insitu.cells import BitSlices, MultiConductance, Significance
from insitu.chip import Chip
from insitu.devices.base import Programming
from insitu.errors import InputError
from insitu.learning.backprop import FeedbackAlignment, Neurons
from insitu.networks.perceptron import Perceptron
from insitu.schemes import (
    Agad,
    BlindPulses,
    DeterministicTrains,
    ErrorAware,
    Exact,
    FastArray,
    MixedPrecision,
    ResidualTransfer,
    SignPulses,
    TikiTaka,
    Transfer,
    WriteVerify,
)

RNG = np.random.default_rng(1)
IMAGES = (RNG.random((400, 10)) * (RNG.random((400, 10)) < 0.7)).astype(np.float32)
LABELS = (IMAGES[:, :5].sum(axis=1) > IMAGES[:, 5:].sum(axis=1)).astype(np.int64)
FINE = replace(IDEAL["constant"], step_up=2e-9, step_down=2e-9)
LAWFUL = replace(IDEAL["constant"], programming=Programming(error_sd=0.1e-6, tries=3))
SOFT = replace(IDEAL["softbounds"], step_up=0.5e-6, step_down=0.5e-6)
OFTEN = Transfer(every=50, refresh=50, closed_loop=ClosedLoop(tolerance=0.05))
CHIP = Chip(image_seconds=1e-5, aging=30)


def cell(device):
    return MultiConductance(parts=(Significance(device=device),), unit=UNIT)


def network(encoding, scheme, neurons=None, chip=CHIP, seed=3, **options):
    return Perceptron(
        BINARY,
        (10, 8, 2),
        neurons=neurons or Neurons(),
        scheme=scheme,
        encoding=encoding,
        chip=chip,
        seed=seed,
        **options,
    )


def accuracy(net):
    return float((net.respond(IMAGES).argmax(axis=1) == LABELS).mean())


# -- ideal limits ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("feedback", [None, FeedbackAlignment()], ids=["backpropagation", "feedback alignment"])
@pytest.mark.parametrize(
    "scheme",
    [
        MixedPrecision(burst=10_000),
        WriteVerify(dead_band=0.0, loop=ClosedLoop(tolerance=1e-5, iterations=100, burst=10_000)),
        WriteVerify(dead_band=0.0, loop=ClosedLoop(tolerance=None)),
    ],
    ids=["mixed precision", "closed loop", "exact loop"],
)
def test_on_fine_steps_training_is_gradient_descent(scheme, feedback):
    device, smooth = replace(FINE, step_up=2e-10, step_down=2e-10), Neurons(function="tanh")
    exact, real = (network(cell(device), way, smooth, feedback=feedback) for way in (Exact(), scheme))
    for net in (exact, real):
        net.learn(IMAGES, LABELS, 0.05)
    for one, other in zip(exact.layers, real.layers, strict=True):
        assert np.abs(one.values - other.values).max() < 0.01 * np.abs(one.values).max()


def test_feedback_alignment_reads_no_column_and_multiplies_digitally():
    """A read back is two, of the positive and of the negative errors of the two outputs, 8 conversions each."""
    nets = [network(cell(FINE), Exact(), feedback=way) for way in (None, FeedbackAlignment())]
    for net in nets:
        net.learn(IMAGES, LABELS, 0.05)
    through, beside = (net.counts for net in nets)
    assert through.products - beside.products == 400 * 2
    assert through.conversions - beside.conversions == 400 * 2 * 8
    assert (through.digital_ops, beside.digital_ops) == (0, 400 * 2 * 8 * 2)


@pytest.mark.parametrize("chop", [0.0, 0.1])
def test_tiki_taka_learns_through_its_fast_array(chop):
    """On soft bounds: the weights are moved by what is carried alone, and the task is learned."""
    net = network(cell(FINE), TikiTaka(rows=11, chop=chop, part=Significance(device=SOFT)))
    start = accuracy(net)
    assert all((layer.fast.weights == 0).all() for layer in net.layers)
    for _ in range(10):
        net.learn(IMAGES, LABELS, 0.05)
    assert accuracy(net) > max(0.9, start + 0.1)
    assert all(layer.fast.writes.any() for layer in net.layers)
    assert all((np.abs(layer.memory) <= 2 * layer.step).all() for layer in net.layers)


# -- all of them -------------------------------------------------------------------------------------------------------

SCHEMES = {
    "one pair": (PAIR, BlindPulses(transfer=OFTEN)),
    "counted trains": (BOTH, BlindPulses(trains=DeterministicTrains(), transfer=OFTEN)),
    "mixed precision": (PAIR, MixedPrecision(transfer=OFTEN)),
    "mixed precision above two significances": (BOTH, MixedPrecision(transfer=OFTEN)),
    "mixed precision of bits": (BitSlices(bits=6), MixedPrecision()),
    "error-aware": (PAIR, ErrorAware(transfer=OFTEN)),
    "error-aware by law": (cell(LAWFUL), ErrorAware()),
    "sign pulses above two significances": (BOTH, SignPulses(transfer=OFTEN)),
    "write-verify": (PAIR, WriteVerify(transfer=OFTEN)),
    "write-verify above two significances": (BOTH, WriteVerify(transfer=OFTEN)),
    "write-verify of bits": (BitSlices(bits=6), WriteVerify(dead_band=0.0)),
    "tiki-taka": (BOTH, TikiTaka(transfer=OFTEN, rows=3, chop=0.3, reference_error=0.1)),
    "agad": (PAIR, Agad(transfer=OFTEN, rows=30, period=3, gain=2.0)),
    "residual tiles": (capacitors(3), BlindPulses(transfer=ResidualTransfer(every=20, slower=2, groups=2))),
    "residual parts of two devices": (BOTH, BlindPulses(transfer=ResidualTransfer(every=20, refresh=50))),
    "tiki-taka on pairs": (PAIR, TikiTaka(transfer=OFTEN, every=2, trains=DeterministicTrains(), gain=0.5)),
}
every_scheme = pytest.mark.parametrize(("encoding", "scheme"), SCHEMES.values(), ids=SCHEMES)


@every_scheme
def test_a_run_in_pieces_is_the_whole_run(encoding, scheme):
    whole, pieces = network(encoding, scheme), network(encoding, scheme)
    whole.learn(IMAGES, LABELS, 0.05)
    pieces.learn(IMAGES[:130], LABELS[:130], 0.05)
    saved = pieces.arrays()
    resumed = network(encoding, scheme)
    resumed.restore(saved)
    resumed.learn(IMAGES[130:], LABELS[130:], 0.05)
    for name, value in whole.arrays().items():
        np.testing.assert_array_equal(value, resumed.arrays()[name], err_msg=name)
    assert whole.counts == resumed.counts
    assert whole.counts.pulses > 0


@every_scheme
def test_frozen_weights_keep_their_value_and_removed_ones_read_as_nothing(encoding, scheme):
    net = network(encoding, replace(scheme, transfer=None), chip=Chip(aging=10**6))
    layer = net.layers[0]
    frozen, removed = np.zeros((2, 11, 8), bool)
    frozen[2:4], removed[5:7] = True, True
    layer.freeze(frozen)
    layer.remove(removed)
    held = layer.values.copy()
    writes = [array.writes.copy() for array in layer.arrays_of_cells]
    net.learn(IMAGES, LABELS, 0.05)
    gone = frozen | removed
    np.testing.assert_array_equal(layer.values[gone], held[gone])
    assert (layer.values[removed] == 0).all()
    assert (layer.values[~gone] != held[~gone]).any()
    for array, before in zip(layer.arrays_of_cells, writes, strict=True):
        assert (array.writes == before)[:, gone.T].all()


@every_scheme
def test_digital_work_is_counted(encoding, scheme):
    net = network(encoding, scheme)
    net.learn(IMAGES[:1], LABELS[:1], 0.05)
    ops, active = net.counts.digital_ops, int(np.count_nonzero(IMAGES[0])) + 1
    if isinstance(scheme, BlindPulses):
        assert ops == 0
    elif isinstance(scheme, FastArray):
        assert ops >= (3 * scheme.rows * (8 + 2) if scheme.every == 1 else 0)
    else:
        assert ops >= 3 * 8 * active


def test_a_checkpoint_of_another_scheme_is_refused():
    saved = network(PAIR, BlindPulses()).arrays()
    with pytest.raises(InputError, match="resume with the scheme of the first run"):
        network(PAIR, MixedPrecision()).restore(saved)
