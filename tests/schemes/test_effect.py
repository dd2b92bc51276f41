"""An option that does nothing to the weights it is given is refused; carried out all the same, it changes no bit."""

import re
from dataclasses import replace

import numpy as np
import pytest
from cases import BINARY, IDEAL
from sklearn.datasets import load_digits
from stack_cases import BOTH, QUIET_PCM, capacitors

import insitu
from insitu.arrays.closed_loop import ClosedLoop
from insitu.cells import BitSlices, DifferentialPair, OneSidedPair, SingleDevice
from insitu.cells.levels import levels_of
from insitu.errors import InputError
from insitu.learning import Neurons, SoftPruning
from insitu.learning.pruning import Schedule
from insitu.networks.crossbar_classifier import CrossbarClassifier
from insitu.networks.perceptron import Perceptron
from insitu.networks.spiking import SpikingNetwork, SpikingRule
from insitu.schemes import (
    Agad,
    BlindPulses,
    DeterministicTrains,
    ErrorAware,
    Exact,
    MixedPrecision,
    ResidualTransfer,
    SignPulses,
    TikiTaka,
    Transfer,
    Weights,
    WriteVerify,
)
from insitu.schemes.effect import acting, idle_of_transfer

TWO = IDEAL["softbounds"]
LAW = insitu.load("yi2022-taox")
PAIR = {"device": TWO, "encoding": DifferentialPair()}
RISING = {"device": QUIET_PCM, "encoding": OneSidedPair()}
TILES = {"device": None, "encoding": capacitors(2)}
STACK = {"device": None, "encoding": BOTH}  # PCM above capacitors
LOOP = ClosedLoop(burst=2)


def made(scheme, device, encoding):
    return Weights(device, 4, 3, scheme, form="factors", encoding=encoding)


IDLE = [
    (PAIR, MixedPrecision(transfer=Transfer(closed_loop=LOOP)), "transfer.closed_loop", "a weight has one part"),
    (PAIR, SignPulses(transfer=Transfer(groups=7)), "transfer.groups", "a weight has one part"),
    (PAIR, TikiTaka(transfer=Transfer(looks=7)), "transfer.looks", "a weight has one part"),
    (
        PAIR,
        BlindPulses(transfer=Transfer(closed_loop=ClosedLoop(growth=0.1))),
        "transfer.closed_loop",
        "none that only rises",
    ),
    (RISING, BlindPulses(transfer=Transfer(inversion="rows")), "transfer.inversion", "nothing is carried up; leave"),
    (RISING, Exact(transfer=Transfer(looks=7)), "transfer.looks", "nothing is carried up, and none"),
    (
        RISING,
        BlindPulses(transfer=Transfer(closed_loop=ClosedLoop(fresh=True))),
        "closed_loop.fresh",
        "are RESET first",
    ),
    (TILES, BlindPulses(transfer=Transfer(probability=0.1)), "transfer.probability", "only with inversion='rows'"),
    (TILES, BlindPulses(transfer=Transfer(pulses=True, charge_cv=0.1)), "transfer.charge_cv", "written by pulses"),
    (TILES, BlindPulses(transfer=Transfer(closed_loop=ClosedLoop(floor=0.1))), "closed_loop.floor", "move both ways"),
    (
        STACK,
        BlindPulses(transfer=Transfer(closed_loop=ClosedLoop(floor=0.1))),
        "closed_loop.floor",
        "offset is the floor",
    ),
    (
        STACK,
        BlindPulses(transfer=Transfer(closed_loop=ClosedLoop(blind=True, burst=2))),
        "closed_loop.burst",
        "sends one burst",
    ),
    (TILES, BlindPulses(transfer=ResidualTransfer(closed_loop=LOOP)), "residual.closed_loop", "by pulses open loop"),
    (STACK, BlindPulses(transfer=ResidualTransfer(closed_loop=LOOP)), "residual.closed_loop", "by pulses open loop"),
    (TILES, BlindPulses(transfer=ResidualTransfer(slower=7)), "residual.slower", "of two parts one alone moves up"),
    (PAIR, WriteVerify(loop=ClosedLoop(fresh=True)), "closed_loop.fresh", "move both ways, and are not RESET"),
    (
        {"device": LAW, "encoding": DifferentialPair()},
        WriteVerify(loop=ClosedLoop(burst=2)),
        "closed_loop.burst",
        "is written by a law",
    ),
    (PAIR, WriteVerify(loop=ClosedLoop(tolerance=None, iterations=2)), "closed_loop.iterations", "writes exactly"),
    (
        {"device": BINARY, "encoding": BitSlices(bits=3)},
        WriteVerify(loop=ClosedLoop(burst=2)),
        "closed_loop.burst",
        "a code of bits is written, and verified, as a whole",
    ),
]


@pytest.mark.parametrize(("cells", "scheme", "field", "why"), IDLE, ids=[f"{n}-{c[2]}" for n, c in enumerate(IDLE)])
def test_what_does_nothing_is_refused_with_its_name_and_the_reason(cells, scheme, field, why):
    with pytest.raises(InputError, match=rf"^{re.escape(field)}: has no effect here, for .*{re.escape(why)}") as caught:
        made(scheme, **cells)
    assert str(caught.value).endswith("leave it out")


def often(scheme, cells):
    """Return a scheme with what falls due now and then in a few dozen examples, where it falls due at all."""
    how, parts = scheme.transfer, levels_of(cells["encoding"], cells["device"])
    due = {name: 20 for name in ("every", "refresh") if how is not None and name not in idle_of_transfer(scheme, parts)}
    return replace(scheme, transfer=replace(how, **due)) if due else scheme


def usual(scheme, cells):
    """Return a scheme without what does nothing."""
    parts = levels_of(cells["encoding"], cells["device"])
    loop = getattr(scheme, "loop", None)
    if loop is not None and (idle := loop.idle(*parts[-1])):
        plain = {name: getattr(ClosedLoop(), name) for name in idle if name != "tolerance"}
        scheme = replace(scheme, loop=replace(loop, **plain))
    return acting(scheme, parts)


def learned(scheme, cells):
    X, y = load_digits(return_X_y=True)
    network = Perceptron(sizes=(64, 10), neurons=Neurons(), scheme=scheme, **cells)
    network.learn(X[:60], y[:60], 0.05, 1 / 16)
    return network.arrays()


@pytest.mark.parametrize(
    ("cells", "scheme"),
    [pytest.param(*c[:2], id=f"{n}-{c[2]}", marks=[pytest.mark.slow] * (n not in (0, 13))) for n, c in enumerate(IDLE)],
)
def test_it_would_change_no_bit(cells, scheme, monkeypatch):
    scheme = often(scheme, cells)
    assert usual(scheme, cells) != scheme
    expected = learned(usual(scheme, cells), cells)
    monkeypatch.setattr("insitu.schemes.effect.require_effect", lambda *_: None)
    for name, array in learned(scheme, cells).items():
        np.testing.assert_array_equal(array, expected[name], err_msg=name)


USED = [
    (RISING, BlindPulses(transfer=Transfer(refresh=7, looks=2, closed_loop=ClosedLoop(floor=0.1)))),
    (TILES, BlindPulses(transfer=Transfer(every=7, offset=0.1, closed_loop=LOOP, inversion="rows", probability=0.1))),
    (STACK, BlindPulses(transfer=Transfer(every=7, closed_loop=ClosedLoop(fresh=True, burst=2)))),
    ({"device": None, "encoding": capacitors(3)}, BlindPulses(transfer=ResidualTransfer(slower=7, share=0.3))),
    ({"device": LAW, "encoding": DifferentialPair()}, WriteVerify(loop=ClosedLoop(tolerance=None))),
    ({"device": BINARY, "encoding": BitSlices(bits=3)}, WriteVerify(loop=ClosedLoop(tolerance=0.1, iterations=3))),
    (PAIR, BlindPulses(transfer=Transfer(every=7, refresh=9))),  # when, if anything is due
    (PAIR, Agad()),
    (PAIR, ErrorAware()),
]


@pytest.mark.parametrize(("cells", "scheme"), USED)
def test_what_acts_is_taken(cells, scheme):
    assert made(scheme, **cells).scheme == scheme


def test_residuals_of_a_weight_of_one_part_are_refused():
    with pytest.raises(InputError, match=r"transfer: ResidualTransfer hands up .*; allowed are Transfer"):
        made(BlindPulses(transfer=ResidualTransfer()), **RISING)


def test_an_estimator_refuses_what_does_nothing_before_it_learns():
    X, y = load_digits(return_X_y=True)
    scheme = BlindPulses(transfer=ResidualTransfer(closed_loop=ClosedLoop(tolerance=0.3)))
    model = CrossbarClassifier((4,), encoding=capacitors(2), scheme=scheme)
    with pytest.raises(InputError, match="closed_loop: has no effect here"):
        model.fit(X[:9], y[:9])


def test_a_loop_of_pruning_that_writes_nothing_is_refused():
    with pytest.raises(InputError, match=r"^loop: has no effect here, for with value=None weights are held"):
        SoftPruning(loop=ClosedLoop(growth=0.1))
    due = Schedule(maturity=1)
    for loop, scheme, message in (
        (ClosedLoop(burst=3), Exact(), "^pruning.loop: has no effect here, for weights are numbers"),
        (
            ClosedLoop(tolerance=0.01, iterations=100, burst=20, fresh=True),
            BlindPulses(),
            r"^pruning\.loop\.fresh: has",
        ),
    ):
        how = SpikingRule(pruning=SoftPruning(schedule=due, value=-0.5, loop=loop))
        with pytest.raises(InputError, match=message):
            SpikingNetwork(TWO, 4, 3, how, encoding=SingleDevice(), scheme=scheme)


@pytest.mark.parametrize("kind", [BlindPulses, TikiTaka, Agad])
def test_trains_are_refused_where_a_neuron_that_fires_forms_none(kind):
    trains = DeterministicTrains()
    with pytest.raises(InputError, match=r"^trains: has no effect here, for a neuron that fires"):
        Weights(TWO, 4, 3, kind(trains=trains), form="column", encoding=SingleDevice())


def test_trains_are_taken_where_factors_form_them():
    scheme = BlindPulses(trains=DeterministicTrains())
    assert Weights(TWO, 4, 3, scheme, form="factors").scheme == scheme
    assert Weights(TWO, 4, 3, BlindPulses(), form="column", encoding=SingleDevice()).scheme == BlindPulses()
