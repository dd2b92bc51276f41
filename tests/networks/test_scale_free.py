"""The scale of conductances is arbitrary: with all siemens of a device times a number, training is the same."""

import warnings
from dataclasses import fields, replace

import numpy as np
import pytest
from cases import WORST
from sklearn.exceptions import ConvergenceWarning
from small_networks import DEVICE, NETWORKS, UNITS, trained
from stack_cases import CAPACITOR, PCM

from insitu.arrays.closed_loop import ClosedLoop
from insitu.cells import MultiConductance, ReferencedDevice, Significance
from insitu.devices.base import Programming, ReadNoise, Retention, Spread
from insitu.schemes import (
    BlindPulses,
    DeterministicTrains,
    Exact,
    MixedPrecision,
    ResidualTransfer,
    TikiTaka,
    Transfer,
    WriteVerify,
)

REAL = {"read_noise": ReadNoise(cv=0.02, sd=0.02e-6), "retention": Retention(tau=0.5, tau_cv=0.2, rest=1e-6)}
LINEAR = replace(
    WORST["linear"], step_up=0.3e-6, step_down=0.3e-6, spread=Spread(step_cv=0.2, range_sd=0.2e-6, asymmetry_cv=0.1), **REAL
)  # fmt: skip
LAW = replace(LINEAR, programming=Programming(error_sd=0.1e-6, tolerance=0.1e-6, tries=3))
TABLE = replace(WORST["table"], **REAL)
#: of writes, and so the dead band: a tolerance of 0.02 is a whole multiple of what an example of a recurrent batch asks
#: for, and the last bit would say what has left it
LOOP = ClosedLoop(tolerance=0.019)
OFTEN = Transfer(every=40, refresh=20, closed_loop=ClosedLoop(tolerance=0.02), charge_cv=0.01)


def siemens(one, factor):
    """A device, or a group of its fields, with all that is in siemens times a factor."""
    if isinstance(one, MultiConductance):
        return replace(one, parts=tuple(replace(part, device=siemens(part.device, factor)) for part in one.parts))
    changed = {}
    for name, unit in one.units.items():
        group, dot, field = name.partition(".")
        value = getattr(getattr(one, group), field) if dot else getattr(one, name, None)
        settable = dot or any(f.name == name and f.init for f in fields(one))
        if unit == "S" and value is not None and settable:
            if dot:
                changed[group] = replace(changed.get(group, getattr(one, group)), **{field: factor * value})
            else:
                changed[name] = factor * value
    return replace(one, **changed)


BOTH = MultiConductance(
    parts=(Significance(device=PCM, gain=3.0), Significance(device=CAPACITOR, pair=ReferencedDevice)), unit=0.7
)
TIKI = TikiTaka(rows=8, chop=0.1, reference_error=0.1, zero_shift=20)
#: device or encoding, scheme
WAYS = {
    "blind pulses, linear": (LINEAR, BlindPulses()),
    "blind pulses, table": (TABLE, BlindPulses()),
    "blind pulses, PCM": (PCM, BlindPulses(transfer=OFTEN)),
    "counted trains, soft bounds": (DEVICE, BlindPulses(trains=DeterministicTrains(delta_levels=31))),
    "two significances": (BOTH, BlindPulses(transfer=OFTEN)),
    "residual, two significances": (BOTH, BlindPulses(transfer=ResidualTransfer(every=20, refresh=20))),
    "mixed precision, linear": (LINEAR, MixedPrecision()),
    "mixed precision, PCM": (PCM, MixedPrecision(transfer=OFTEN)),
    "write-verify, linear": (LINEAR, WriteVerify(loop=LOOP)),
    "write-verify, PCM": (PCM, WriteVerify(loop=LOOP, transfer=OFTEN)),
    "write-verify by law": (LAW, WriteVerify()),
    "tiki-taka, linear": (LINEAR, TIKI),
    "exact": (LINEAR, Exact()),
}
#: counted trains round the small part of one example in a batch to no pulse at all, and a spike forms none
CASES = {
    f"{name}, {what}": (name, way)
    for name in NETWORKS
    for what, way in WAYS.items()
    if not ("counted" in what and name in ("energy", "recurrent", "spiking"))
}
RARE = ("table", "mixed precision, PCM", "write-verify, PCM", "by law")  # kernels of their own, minutes to compile


def each_case(slow):
    """All cases, those whose names hold one of these texts marked as slow."""
    marks = {case: [pytest.mark.slow] if any(text in case for text in slow) else [] for case in CASES}
    return pytest.mark.parametrize(
        ("name", "way"), [pytest.param(*way, marks=marks[case], id=case) for case, way in CASES.items()]
    )


def outcome(name, way, factor, units=UNITS):
    """Train on conductances that are ``factor`` times those of the way."""
    of, scheme = way
    of = siemens(of, factor)
    cells = {"device": None, "encoding": of} if isinstance(of, MultiConductance) else {"device": of}
    with warnings.catch_warnings():  # networks as small and cells as bad as these neither learn well nor always settle
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", ConvergenceWarning)
        return trained(name, units=units, scheme=scheme, **cells)


def test_every_number_in_siemens_is_scaled():
    """So that what follows says something."""
    scaled, law = siemens(PCM, 1024), siemens(LAW, 1024)
    for one, other in ((scaled.g_max, PCM.g_max), (scaled.saturation, PCM.saturation), (scaled.residue, PCM.residue)):
        assert one == 1024 * other
    assert scaled.read_noise == ReadNoise(cv=PCM.read_noise.cv, sd=1024 * PCM.read_noise.sd)
    assert (scaled.c2c_slope, scaled.retention, scaled.c2c_cv) == (PCM.c2c_slope, PCM.retention, PCM.c2c_cv)
    assert law.programming == Programming(error_sd=1024 * 0.1e-6, tolerance=1024 * 0.1e-6, tries=3)
    assert (law.spread.range_sd, law.retention.rest) == (1024 * 0.2e-6, 1024 * 1e-6)


@each_case(slow=RARE)
def test_times_a_power_of_two_every_bit_is_the_same(name, way):
    """Round-off has no part in it then."""
    one, other = outcome(name, way, 1), outcome(name, way, 1024)
    assert one.arrays.keys() == other.arrays.keys()
    for field, value in one.arrays.items():
        if field.endswith(".origin"):  # theirs are others
            continue
        times = np.float32(1024) if field.endswith(".g") else value.dtype.type(1)
        np.testing.assert_array_equal(value * times, other.arrays[field], err_msg=field)
    np.testing.assert_array_equal(one.answers, other.answers)
    assert one.counts == other.counts
    assert one.counts.pulses > 0 or way[1].exact


@each_case(slow=(*RARE, "mixed", "PCM", "tiki", "counted", "exact"))
def test_times_a_thousand_it_is_the_same_up_to_rounding(name, way):
    """In the beginning, and but for a few weights that a pulse more or less has set on another course."""
    one, other = outcome(name, way, 1, 3), outcome(name, way, 1000, 3)
    for weights, others in zip(one.weights, other.weights, strict=True):
        assert np.isclose(weights, others, rtol=0, atol=1e-5).mean() > 0.8
    assert other.counts.pulses == pytest.approx(one.counts.pulses, rel=0.02)
    assert other.counts.reads == pytest.approx(one.counts.reads, rel=0.02)
