"""What cannot work is refused in a sentence before anything runs."""

import re
from dataclasses import replace

import numpy as np
import pytest
from cases import BINARY, IDEAL
from stack_cases import BOTH, QUIET_PCM

from insitu.arrays import Budget
from insitu.arrays.closed_loop import ClosedLoop
from insitu.cells import BitSlices, DifferentialPair, MultiConductance, ReferencedDevice, Significance, SingleDevice
from insitu.chip import Chip
from insitu.devices.base import ReadNoise
from insitu.errors import BudgetError, InputError
from insitu.schemes import (
    Agad,
    BlindPulses,
    ErrorAware,
    Exact,
    MixedPrecision,
    SignPulses,
    TikiTaka,
    Weights,
    WriteVerify,
)

QUIET = IDEAL["constant"]


def numbers(n, first=0):
    return np.arange(first, first + n, dtype=np.uint64)


def made(**changes):
    how = {"device": QUIET, "rows": 4, "columns": 3, "scheme": BlindPulses(), "form": "factors"} | changes
    return Weights(how.pop("device"), how.pop("rows"), how.pop("columns"), how.pop("scheme"), **how)


DIGITAL = {"device": BINARY, "encoding": BitSlices(bits=2)}
DEAF = {"device": replace(QUIET, step_down=0.0), "encoding": SingleDevice()}
RISING = {"device": QUIET_PCM, "scheme": WriteVerify()}
PARTS = (Significance(pair=ReferencedDevice, gain=3.0), Significance())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"device": "ideal"}, "device: got 'ideal'; allowed is Device"),
        ({"scheme": "olt"}, "scheme: got 'olt'; allowed is Scheme; for example BlindPulses()"),
        ({"scheme": BlindPulses}, "scheme: got BlindPulses, the class itself"),
        ({"chip": 3}, "chip: got 3; allowed is Chip"),
        ({"encoding": "pair"}, "encoding: got 'pair'; allowed is an encoding"),
        ({"budget": 100}, "budget: got 100; allowed is Budget"),
        ({"rows": 0}, "rows: got 0"),
        ({"columns": 2.5}, "columns: got 2.5"),
        ({"seed": -1}, "seed: got -1"),
        (RISING | {"encoding": MultiConductance(parts=PARTS)}, "allowed is OneSidedPair"),
        (
            DIGITAL,
            "no step of a code of bits; allowed with BitSlices are MixedPrecision, ErrorAware, SignPulses and WriteVerify",
        ),
        (
            DIGITAL | {"scheme": TikiTaka()},
            "allowed with BitSlices are MixedPrecision, ErrorAware, SignPulses and WriteVerify",
        ),
        ({"form": "dense"}, "BlindPulses takes a wanted change as factors or column, not dense; allowed here are"),
        ({"form": "dense", "scheme": TikiTaka()}, "TikiTaka takes a wanted change as factors or column, not dense"),
        (DEAF, "ConstantStep: a down pulse does not move a weight"),
        (DEAF | {"scheme": MixedPrecision()}, "so that MixedPrecision cannot train it"),
        (DEAF | {"scheme": TikiTaka()}, "so that TikiTaka cannot train it; allowed is a device with steps"),
        ({"scheme": WriteVerify(loop=ClosedLoop(blind=True))}, "closed_loop.blind: ConstantStep has no RESET"),
        (
            DIGITAL | {"scheme": SignPulses(alternate=True)},
            "scheme.alternate: got true, but SignPulses does not write BitSlices of StochasticSwitch in cycles of SET and of "
            "RESET, for the changed bits of a code belong together; allowed is false, or a pair of a device that pulses "
            "lower step by step",
        ),
        (
            {"device": QUIET_PCM, "scheme": SignPulses(alternate=True)},
            "does not write OneSidedPair of PhaseChange in cycles of SET and of RESET, for a RESET of this device empties",
        ),
        (
            {"form": "dense", "scheme": SignPulses(error_threshold=0.1)},
            "SignPulses takes a wanted change as factors, not dense",
        ),
        (
            {"form": "column", "scheme": SignPulses(error_threshold=0.1)},
            "SignPulses takes a wanted change as factors, not column",
        ),
    ],
)
def test_what_cannot_work_is_refused_in_a_sentence_before_anything_runs(changes, message):
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        made(**changes)
    assert "\n" not in str(caught.value)


UNFIT = {
    "bits": (QUIET, BitSlices(bits=2), "a pulse moves ConstantStep by less; allowed is a binary device"),
    "one bit": (IDEAL["softbounds"], BitSlices(bits=1), "a pulse moves SoftBounds by less; allowed is a binary device"),
    "rising bits": (QUIET_PCM, BitSlices(bits=2), "a pulse moves PhaseChange by less; allowed is a binary device"),
    "rising alone": (QUIET_PCM, SingleDevice(), "PhaseChange only rises gradually, so that SingleDevice cannot be"),
    "rising, push-pull": (
        QUIET_PCM,
        DifferentialPair(),
        "so that DifferentialPair cannot be lowered gradually; allowed is",
    ),
    "rising, one reference": (QUIET_PCM, ReferencedDevice(), "cannot be lowered gradually; allowed is OneSidedPair"),
}
SCHEMES_OF_ALL = [
    Agad(),
    BlindPulses(),
    ErrorAware(),
    MixedPrecision(),
    SignPulses(),
    TikiTaka(),
    WriteVerify(),
    Exact(),
]


@pytest.mark.parametrize(("device", "encoding", "message"), UNFIT.values(), ids=UNFIT)
def test_an_encoding_that_a_device_cannot_be_is_refused_with_one_that_it_can(device, encoding, message):
    """Bits want a cell that one pulse switches; what only rises wants a pair of which either device may rise."""
    with pytest.raises(InputError, match=f"^encoding: .*{re.escape(message)}") as caught:
        made(device=device, encoding=encoding, scheme=WriteVerify())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("scheme", SCHEMES_OF_ALL, ids=lambda scheme: type(scheme).__name__)
@pytest.mark.parametrize(("device", "encoding", "message"), UNFIT.values(), ids=UNFIT)
def test_no_scheme_makes_up_for_an_encoding_that_does_not_fit(device, encoding, message, scheme):
    with pytest.raises(InputError) as caught:
        made(device=device, encoding=encoding, scheme=scheme)
    assert "\n" not in str(caught.value)


def test_a_refusal_offers_nothing_that_would_be_refused_in_turn():
    with pytest.raises(InputError, match="allowed is OneSidedPair"):
        made(device=QUIET_PCM, encoding=SingleDevice())


def test_a_network_that_does_not_fit_is_refused_with_the_arithmetic():
    with pytest.raises(BudgetError, match="4 inputs x 3 neurons x 4 cell"):
        made(device=None, encoding=BOTH, budget=Budget(47))
    assert made(device=None, encoding=BOTH, budget=Budget(48)).planes == 4


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda w: w.read(np.ones((2, 3), np.float32), numbers(2)), r"x: got shape \(2, 3\); allowed is \(n, 4\)"),
        (lambda w: w.read(np.full((2, 4), 1e20, np.float32), numbers(2)), r"x: the largest value is 1e\+20; allowed"),
        (lambda w: w.read(np.full((2, 4), -1e16, np.float32), numbers(2)), r"x: the largest value is 1e\+16; allowed"),
        (lambda w: w.read_transposed(np.full((1, 3), 3e38, np.float32), numbers(1)), r"d: the largest value is 3e\+38"),
        (lambda w: w.read_transposed(np.ones((1, 4), np.float32), numbers(1)), r"d: got shape .* \(n, 3\)"),
        (lambda w: w.add(np.zeros((4, 3), np.float32)), "takes no dense change"),
        (lambda w: w.add(np.zeros((3, 4), np.float32)), r"change: got shape \(3, 4\)"),
        (
            lambda w: w.add_factors(np.ones((2, 4), np.float32), np.ones((3, 3), np.float32)),
            "x, d: got 2 and 3 examples",
        ),
        (lambda w: w.freeze(np.ones((3, 4), bool)), "mask"),
        (lambda w: w.remove(np.ones((4, 3))), "mask"),
        (lambda w: w.put(np.zeros((3, 4))), "values: got shape"),
    ],
)
def test_what_is_asked_wrongly_is_refused_and_changes_nothing(call, message):
    one = made()
    before = one.arrays()
    with pytest.raises(InputError, match=message) as caught:
        call(one)
    assert "\n" not in str(caught.value)
    for name, value in one.arrays().items():
        np.testing.assert_array_equal(value, before[name], err_msg=name)


def test_what_a_read_takes_gives_numbers():
    """The largest inputs, with all that scatters."""
    noisy = replace(QUIET, read_noise=ReadNoise(cv=0.3, sd=1e-6))
    one = made(device=noisy, chip=Chip(output_noise=1e3))
    assert np.isfinite(one.read(np.full((2, 4), 1e15, np.float32), numbers(2))).all()
    assert np.isfinite(one.read_transposed(np.full((2, 3), -1e15, np.float32), numbers(2))).all()
