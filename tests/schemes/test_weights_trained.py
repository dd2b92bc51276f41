"""What every scheme leaves alone, and how it goes on after a stop."""

import copy
import io
import pickle
from dataclasses import replace

import numpy as np
import pytest
from cases import BINARY, IDEAL, WORST, polarities, rule
from stack_cases import BOTH, PAIR, PCM, QUIET_PCM, ask_column, capacitors, stack, weights

from insitu.arrays.closed_loop import ClosedLoop
from insitu.cells import BitSlices, DifferentialPair, OneSidedPair, Significance
from insitu.devices.base import ReadNoise
from insitu.devices.library import load
from insitu.errors import InputError
from insitu.ledger import Counts
from insitu.schemes import Agad, BlindPulses, Exact, MixedPrecision, TikiTaka, WriteVerify

QUIET = IDEAL["constant"]


def identical(one, other):
    for name, value in one.arrays().items():
        np.testing.assert_array_equal(value, other.arrays()[name], err_msg=name)


# -- frozen weights take no pulse, whoever asks ------------------------------------------------------------------------

LOOP = ClosedLoop(tolerance=0.02, iterations=3)
SCHEMES = {
    "blind": (QUIET, DifferentialPair(), BlindPulses()),
    "blind, one-sided": (PCM, OneSidedPair(), BlindPulses()),
    "mixed precision": (QUIET, DifferentialPair(), MixedPrecision()),
    "mixed precision, bits": (BINARY, BitSlices(bits=3), MixedPrecision()),
    "write-verify": (QUIET, DifferentialPair(), WriteVerify(dead_band=0.01, loop=LOOP)),
    "write-verify by law": (load("yi2022-taox").device, DifferentialPair(), WriteVerify(dead_band=0.01)),
    "write-verify, bits": (BINARY, BitSlices(bits=3), WriteVerify(dead_band=0.01)),
    "write-verify, one-sided": (QUIET_PCM, OneSidedPair(), WriteVerify(dead_band=0.01, loop=LOOP)),
    "tiki-taka": (QUIET, DifferentialPair(), TikiTaka(zero_shift=0, threshold=0.1, gain=1.0)),
    "agad": (QUIET, DifferentialPair(), Agad(threshold=0.1, gain=1.0, rows=8, period=2)),
    "exact": (QUIET, DifferentialPair(), Exact()),
    "several arrays": (None, BOTH, MixedPrecision()),
}
FORMS = [(name, form) for name, (_, _, scheme) in SCHEMES.items() for form in scheme.takes]


def trained(one, form, examples=12):
    """Ask for changes of all weights, up and down, in one form."""
    rng = np.random.default_rng(6)
    for m in range(examples):
        wanted = 0.11 if m % 2 else -0.2
        if form == "factors":
            one.add_factors(np.ones((1, one.rows), np.float32), np.full((1, one.columns), wanted, np.float32))
        elif form == "dense":
            one.add(np.full((one.rows, one.columns), wanted, np.float32))
        else:
            for column in range(one.columns):
                ask_column(one, column, rng.random(one.rows) < 0.5, rule(low=one.low, ltd=0.1), m)


@pytest.mark.parametrize(("name", "form"), FORMS)
@pytest.mark.parametrize("way", ["freeze", "remove"])
def test_frozen_weights_take_no_pulse_from_any_scheme_in_any_form(name, form, way):
    one, frozen = weights(*SCHEMES[name], 8, 5, form=form), polarities((8, 5), 9) > 0
    getattr(one, way)(frozen)
    before = [array.arrays() for array in one.arrays_of_cells]
    trained(one, form)
    for array, old in zip(one.arrays_of_cells, before, strict=True):
        assert (array.writes == old["writes"])[:, frozen.T].all()
        assert (array.g == old["g"])[:, frozen.T].all()
    assert (one.values == before[len(one.levels) - 1]["weights"])[frozen].all()
    if way == "remove":
        assert (one.values[frozen] == 0).all()
    assert (one.values != before[len(one.levels) - 1]["weights"])[~frozen].mean() > 0.5
    pulses = sum(int(array.writes.sum()) for array in one.arrays_of_cells)
    assert Counts.of(one.counts).pulses == pulses
    assert (pulses > 0) != one.scheme.exact


# -- saving ------------------------------------------------------------------------------------------------------------

NOISY = Significance(device=replace(WORST["softbounds"], read_noise=ReadNoise(cv=0.1)))
SAVED = {
    "two levels": (None, BOTH, BlindPulses()),
    "mixed precision": (None, PAIR, MixedPrecision()),
    "write-verify": (PCM, OneSidedPair(), WriteVerify(loop=LOOP)),
    "tiki-taka": (WORST["linear"], DifferentialPair(), TikiTaka(chop=0.4, threshold=0.1, gain=1.0)),
    "tiki-taka, noisy": (WORST["linear"], DifferentialPair(), TikiTaka(part=NOISY, threshold=0.1, gain=1.0)),
    "exact, two levels": (None, capacitors(2), Exact()),
    "noisy bits": (replace(BINARY, read_noise=ReadNoise(cv=0.3)), BitSlices(bits=2), WriteVerify()),
    "exact, noisy": (replace(QUIET, read_noise=ReadNoise(cv=0.1)), DifferentialPair(), Exact()),
}


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=name) for name, case in SAVED.items()],
)
@pytest.mark.parametrize("way", ["arrays", "pickle", "deepcopy"])
def test_saved_weights_go_on_as_if_nothing_had_happened(case, way):
    one = weights(*case, bias=True)
    one.freeze(polarities((7, 4)) > 0)
    trained(one, "factors", 5)
    one.follow()
    one.age(1e-3)
    if way == "arrays":
        file = io.BytesIO()
        np.savez(file, **one.arrays())
        file.seek(0)
        other = weights(*case, bias=True)
        other.restore(dict(np.load(file, allow_pickle=False)))
    else:
        other = pickle.loads(pickle.dumps(one)) if way == "pickle" else copy.deepcopy(one)
    identical(one, other)
    for mine, its in zip(one.arrays_of_cells, other.arrays_of_cells, strict=True):
        np.testing.assert_array_equal(mine.variance, its.variance)
    for each in (one, other):
        trained(each, "factors", 5)
        each.follow()
        each.age(1e-3)
    identical(one, other)
    x, numbers = np.ones((3, 6), np.float32), np.arange(3, dtype=np.uint64)
    np.testing.assert_array_equal(one.read(x, numbers), other.read(x, numbers))
    assert not np.shares_memory(one.values, other.values)


@pytest.mark.parametrize("name", ["0.g", "1.base", "1.chop", "0.idle", "0.seen", "1.counts", "1.frozen", "0.loops"])
def test_refuses_the_state_of_another_stack(name):
    one = stack(BOTH)
    arrays = one.arrays()
    del arrays[name]
    with pytest.raises(InputError, match=f"restore: '{name[2:]}' is missing"):
        one.restore(arrays)


def test_a_checkpoint_of_another_scheme_is_refused():
    saved = weights(*SAVED["two levels"]).arrays()
    with pytest.raises(InputError, match=r"restore: 'memory' .* resume with the scheme of the first run"):
        weights(None, BOTH, MixedPrecision()).restore(saved)
