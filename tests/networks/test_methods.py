"""The update schemes on one network: their ideal limits, resume bit for bit, what they count and what they refuse."""

from dataclasses import replace

import numpy as np
import pytest
from cases import IDEAL, RANGE
from stack_cases import BOTH, PAIR, QUIET_PCM, UNIT

from insitu.arrays.transfer import ClosedLoop, Transfer
from insitu.cells import MultiConductance, Significance
from insitu.errors import InputError
from insitu.learning.backprop import DeterministicPulses, ExactUpdate, Neurons
from insitu.learning.methods import Beside
from insitu.learning.mixed_precision import MixedPrecision
from insitu.learning.open_loop import OpenLoop
from insitu.learning.tiki_taka import TikiTaka
from insitu.networks.perceptron import Perceptron

RNG = np.random.default_rng(1)
IMAGES = (RNG.random((400, 10)) * (RNG.random((400, 10)) < 0.7)).astype(np.float32)
LABELS = (IMAGES[:, :5].sum(axis=1) > IMAGES[:, 5:].sum(axis=1)).astype(np.int64)
FINE = replace(IDEAL["constant"], step_up=2e-9, step_down=2e-9)
SOFT = replace(IDEAL["softbounds"], step_up=0.5e-6, step_down=0.5e-6)
OFTEN = Transfer(every=50, closed_loop=ClosedLoop(tolerance=0.05))


def cell(device):
    return MultiConductance(parts=(Significance(device=device),), unit=UNIT)


def network(device, method, neurons=None, seed=3):
    made = device if isinstance(device, MultiConductance) else cell(device)
    return Perceptron((10, 8, 2), made, neurons=neurons or Neurons(), method=method, seed=seed)


def accuracy(net):
    return float((net.respond(IMAGES).argmax(axis=1) == LABELS).mean())


# -- ideal limits ------------------------------------------------------------------------------------------------------


def test_mixed_precision_on_fine_steps_is_gradient_descent():
    device, smooth = replace(FINE, step_up=2e-10, step_down=2e-10), Neurons(function="tanh")
    exact = network(device, OpenLoop(pulses=ExactUpdate(), transfer=None), smooth)
    mixed = network(device, MixedPrecision(transfer=None, burst=10_000), smooth)
    for net in (exact, mixed):
        net.learn(IMAGES, LABELS, 0.05)
    for one, other in zip(exact.layers, mixed.layers, strict=True):
        assert np.abs(one.weights - other.weights).max() < 0.01 * np.abs(one.weights).max()


def test_the_digital_memory_holds_what_no_pulse_stands_for():
    net = network(IDEAL["constant"], MixedPrecision(transfer=None, epsilon=1000.0))
    before = [layer.weights.copy() for layer in net.layers]
    net.learn(IMAGES, LABELS, 0.05)
    assert net.counts.pulses == 0
    for layer, start, kept in zip(net.layers, before, net.beside, strict=True):
        np.testing.assert_array_equal(layer.weights, start)
        assert np.abs(kept.memory).max() > 0


@pytest.mark.parametrize("chop", [0.0, 0.1])
def test_tiki_taka_learns_through_its_fast_array(chop):
    """On soft bounds: the weights are moved by the transfer alone, and the task is learned."""
    method = TikiTaka(transfer=None, rows=11, chop=chop, part=Significance(device=SOFT))
    net = network(FINE, method)
    start = accuracy(net)
    assert all((kept.fast.weights == 0).all() for kept in net.beside)
    for _ in range(10):
        net.learn(IMAGES, LABELS, 0.05)
    assert accuracy(net) > max(0.9, start + 0.1)
    assert all(kept.fast.writes.any() for kept in net.beside)
    assert all((np.abs(kept.memory) <= 2 * 2e-9 / UNIT).all() for kept in net.beside)


def test_what_tiki_taka_carries_is_what_it_has_read():
    """The change of the slow weights and the memory together are the sum of all reads, if every pulse is one mean step."""
    method = TikiTaka(transfer=None, rows=11, part=Significance(device=SOFT))
    net = network(replace(FINE, step_up=20e-9, step_down=20e-9), method)
    before, total, rate = net.layers[0].weights.copy(), 0.0, 0.05
    fast = net.beside[0].fast
    step = method.gain * rate / ((RANGE["g_max"] - RANGE["g_min"]) / UNIT)
    for m in range(50):
        net.learn(IMAGES[m : m + 1], LABELS[m : m + 1], rate)
        total = total + step * fast.weights.astype(float)
    moved = net.layers[0].weights - before + net.beside[0].memory
    assert np.abs(net.layers[0].weights - before).max() > 1.5 * 2 * 20e-9 / UNIT
    np.testing.assert_allclose(moved, total, atol=1e-4 * np.abs(total).max())


# -- one pair of one-sided devices -------------------------------------------------------------------------------------


@pytest.mark.parametrize("inversion", ["array", None])
def test_refreshed_pairs_hold_what_they_held(inversion):
    how = Transfer(every=50, inversion=inversion, closed_loop=ClosedLoop(tolerance=0.05, iterations=50))
    net = network(QUIET_PCM, OpenLoop(transfer=how))
    weights = [layer.weights.copy() for layer in net.layers]
    assert max(np.abs(w).max() for w in weights) > 0.5, "a pair holds the whole of its initial weight"
    for layer in net.layers:
        layer.lowest.g += np.float32(0.7 * (RANGE["g_max"] - RANGE["g_min"]))
        layer.refresh()
    net.shown = 50
    net._events()
    assert net.outcome.resets > 100
    step = 0.4e-6 / UNIT
    for layer, before in zip(net.layers, weights, strict=True):
        place = (layer.lowest.g.min(axis=0).T - RANGE["g_min"]) / (RANGE["g_max"] - RANGE["g_min"])
        rewritten = place < 0.2
        assert rewritten.mean() > 0.5
        assert np.abs(layer.weights - before)[rewritten].max() < step


# -- all of them -------------------------------------------------------------------------------------------------------

METHODS = {
    "one pair": (PAIR, OpenLoop(transfer=OFTEN, image_seconds=1e-5, aging=30)),
    "mixed precision": (PAIR, MixedPrecision(transfer=OFTEN, image_seconds=1e-5, aging=30)),
    "mixed precision above two significances": (BOTH, MixedPrecision(transfer=OFTEN, image_seconds=1e-5, aging=30)),
    "tiki-taka": (BOTH, TikiTaka(transfer=OFTEN, rows=3, chop=0.3, reference_error=0.1, aging=30)),
    "tiki-taka on pairs": (PAIR, TikiTaka(transfer=OFTEN, every=2, pulses=DeterministicPulses(), gain=0.5)),
}
every_method = pytest.mark.parametrize(("device", "method"), METHODS.values(), ids=METHODS)


@every_method
def test_a_run_in_pieces_is_the_whole_run(device, method):
    whole, pieces = network(device, method), network(device, method)
    whole.learn(IMAGES, LABELS, 0.05)
    pieces.learn(IMAGES[:130], LABELS[:130], 0.05)
    saved = pieces.arrays()
    resumed = network(device, method)
    resumed.restore(saved)
    resumed.learn(IMAGES[130:], LABELS[130:], 0.05)
    for name, value in whole.arrays().items():
        np.testing.assert_array_equal(value, resumed.arrays()[name], err_msg=name)
    assert whole.counts == resumed.counts
    assert whole.counts.pulses > 0


@every_method
def test_digital_work_is_counted(device, method):
    net = network(device, method)
    net.learn(IMAGES[:1], LABELS[:1], 0.05)
    ops = net.counts.digital_ops
    if isinstance(method, OpenLoop):
        assert ops == 0
    elif isinstance(method, MixedPrecision):
        active = int(np.count_nonzero(IMAGES[0])) + 1
        assert ops >= 3 * 8 * active
    else:
        assert ops >= (3 * method.rows * (8 + 2) if method.every == 1 else 0)


def test_a_checkpoint_of_another_method_is_refused():
    saved = network(PAIR, OpenLoop()).arrays()
    with pytest.raises(InputError, match="resume with the method of the first run"):
        network(PAIR, MixedPrecision()).restore(saved)


def test_nothing_beside_the_weights_saves_a_word():
    assert Beside().arrays()["memory"].size == 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: MixedPrecision(epsilon=0.0), "mixed_precision.epsilon"),
        (lambda: MixedPrecision(burst=0), "mixed_precision.burst"),
        (lambda: MixedPrecision(aging=0), "aging"),
        (lambda: TikiTaka(fast=-1.0), "tiki_taka.fast"),
        (lambda: TikiTaka(gain=float("nan")), "tiki_taka.gain"),
        (lambda: TikiTaka(threshold=0.0), "tiki_taka.threshold"),
        (lambda: TikiTaka(every=0), "tiki_taka.every"),
        (lambda: TikiTaka(rows=0), "tiki_taka.rows"),
        (lambda: TikiTaka(chop=1.5), "tiki_taka.chop"),
        (lambda: TikiTaka(zero_shift=-1), "tiki_taka.zero_shift"),
        (lambda: TikiTaka(reference_error=-0.1), "tiki_taka.reference_error"),
        (lambda: TikiTaka(pulses=ExactUpdate()), "tiki_taka.pulses"),
        (lambda: TikiTaka(part=QUIET_PCM), "tiki_taka.part"),
        (lambda: TikiTaka(image_seconds=-1.0), "image_seconds"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(make, words):
    with pytest.raises(InputError, match=words) as caught:
        make()
    assert "\n" not in str(caught.value)
