"""Checks of what a user gives: numbers of NumPy are numbers, truth values are none, and every refusal is one sentence."""

import json
import tomllib
from dataclasses import asdict, dataclass
from enum import Enum

import numpy as np
import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

import insitu
from insitu import BlindPulses, Chip, ClosedLoop, Transfer, Weights, load
from insitu.devices.exponential import ExponentialStep
from insitu.devices.imperfections import Endurance, Faults, Programming, ReadNoise, Retention, Spread, Telegraph
from insitu.errors import InputError, require_between, require_kind, require_whole, store_plain_numbers
from insitu.measure.reading.reader import read_pulses
from insitu.schemes import SignPulses
from insitu.studies.assess import assess
from insitu.studies.requirements import requirements
from insitu.studies.run import resume

FLOATS = st.sampled_from([np.float16, np.float32, np.float64, np.longdouble, float])
WHOLES = st.sampled_from([np.int16, np.int32, np.int64, np.uint16, np.uint64, int])
NO_NUMBERS = [True, False, np.True_, np.False_, "1", 1j, np.complex64(1), np.array([1.0]), [1], Enum]


@given(st.floats(-1000, 1000, width=16), FLOATS)
def test_every_float_in_the_interval_passes_and_every_other_is_refused(value, kind):
    require_between("rate", kind(value), value, value)
    with pytest.raises(InputError, match=r"^rate: got .*; allowed is a number from "):
        require_between("rate", kind(value), value + 1, value + 2)


@given(st.integers(0, 30_000), WHOLES, st.integers(0, 3))
def test_every_whole_number_in_the_interval_passes_and_every_other_is_refused(value, kind, off):
    require_whole("neurons", kind(value), value - off, value + off)
    require_between("neurons", kind(value), value - off, value + off)
    with pytest.raises(InputError, match=r"^neurons: got .*; allowed is a whole number of at least "):
        require_whole("neurons", kind(value), value + 1)


@pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
def test_what_is_no_number_is_refused(value):
    for check in (require_between, require_whole):
        with pytest.raises(InputError, match=r"^x: got ") as told:
            check("x", value, 0, 10)
        assert "\n" not in str(told.value)


@pytest.mark.parametrize("value", [10**400, -(10**5000)], ids=["400", "5000"])
def test_a_number_beyond_every_float_is_refused(value):
    for check in (require_between, require_whole):
        with pytest.raises(InputError, match=r"^x: got an object of int; allowed is a .*number"):
            check("x", value, 0)
    with pytest.raises(InputError, match=r"allowed is a whole number from 0 to 1000000000$"):
        require_whole("x", 10**9 + 1, 0)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, np.float32("nan"), np.float16("inf")])
def test_what_is_not_finite_is_refused(value):
    with pytest.raises(InputError, match="allowed is a finite number"):
        require_between("x", value)


def test_none_is_off_only_where_it_may_be():
    require_between("x", None, 0, 1)
    with pytest.raises(InputError, match="x: got None"):
        require_between("x", None, 0, 1, optional=False)
    with pytest.raises(InputError, match="x: got None"):
        require_whole("x", None, 0)


@dataclass(frozen=True)
class Options:
    rate: float | None
    size: int = 1
    sizes: tuple[int, ...] = ()
    name: str = "x"
    on: bool = True

    def __post_init__(self) -> None:
        store_plain_numbers(self)


@given(st.floats(-100, 100, width=16), FLOATS, st.integers(0, 1000), WHOLES)
def test_options_keep_plain_numbers_of_the_same_value(rate, float_kind, size, whole_kind):
    found = Options(float_kind(rate), whole_kind(size), (whole_kind(size), 2))
    assert found == Options(rate, size, (size, 2))
    assert hash(found) == hash(Options(rate, size, (size, 2)))
    assert {type(found.rate), type(found.size), *map(type, found.sizes)} == {float, int}
    assert json.loads(json.dumps(asdict(found))) == asdict(found) | {"sizes": list(found.sizes)}
    assert tomllib.loads(tomli_w.dumps(asdict(found))) == asdict(found) | {"sizes": list(found.sizes)}


def test_what_is_no_number_stays_as_it_is():
    found = Options(None, np.True_, name="y", on=np.False_)
    assert found.rate is None
    assert found.size is np.True_
    assert (found.name, found.on) == ("y", np.False_)


@given(st.sampled_from([np.float16, np.float32, np.float64]), st.integers(1, 1000))
def test_a_device_takes_numbers_of_numpy_and_keeps_plain_ones(kind, n):
    numbers = {"g_min": 0.0, "g_max": kind(n / 1024), "step_up": kind(2**-12), "step_down": kind(2**-12)}
    device = ExponentialStep(
        **numbers, decay_up=np.int64(3), decay_down=kind(2), c2c_cv=kind(0.25), spread=Spread(step_cv=kind(0.5))
    )
    plain = {key: float(value) for key, value in numbers.items()}
    assert device == ExponentialStep(**plain, decay_up=3, decay_down=2.0, c2c_cv=0.25, spread=Spread(step_cv=0.5))
    assert {type(device.g_max), type(device.c2c_cv), type(device.spread.step_cv)} == {float}
    assert type(device.decay_up) is int
    json.dumps(asdict(device))


@pytest.mark.parametrize(
    "make",
    [
        lambda kind: Spread(step_cv=kind(1)),
        lambda kind: Faults(dead=kind(1)),
        lambda kind: Endurance(writes=kind(1)),
        lambda kind: Retention(tau=kind(1), rest=0.0),
        lambda kind: ReadNoise(cv=kind(1)),
        lambda kind: Programming(tries=kind(1)),
        lambda kind: Telegraph(fraction=kind(1), jump=kind(1)),
    ],
)
def test_every_imperfection_takes_them_but_no_truth_value(make):
    assert make(np.int64) == make(int)
    assert repr(make(np.int64)) == repr(make(int))
    for truth in (bool, np.bool_):
        with pytest.raises(InputError, match=r"^\w+\.\w+: got (np\.)?True"):
            make(truth)


def test_the_right_kind_passes():
    require_kind("device", 3, int)
    require_kind("device", "x", (int, str))


@pytest.mark.parametrize(
    ("value", "kind", "sentence"),
    [
        (3, str, "rule: got 3; allowed is str; write a word"),
        ("pair", (int, float), "rule: got 'pair'; allowed is int or float; write a word"),
        (None, str, "rule: got None; allowed is str; write a word"),
        (Options, Options, "rule: got Options, the class itself; allowed is Options; write a word"),
        (np.zeros((30, 30)), str, "rule: got an object of ndarray; allowed is str; write a word"),
    ],
)
def test_the_wrong_kind_is_one_sentence(value, kind, sentence):
    with pytest.raises(InputError) as told:
        require_kind("rule", value, kind, "write a word")
    assert str(told.value) == sentence
    with pytest.raises(InputError) as told:
        require_kind("rule", value, kind)
    assert str(told.value) == sentence.removesuffix("; write a word")


#: what is True or False, by where a user gives it
TRUTHS = {
    "signed_dac": lambda value: Chip(signed_dac=value, dac_bits=4),
    "column_gain": lambda value: Chip(column_gain=value, row_ohm=1.0),
    "blind": lambda value: ClosedLoop(blind=value),
    "fresh": lambda value: ClosedLoop(fresh=value),
    "pulses": lambda value: Transfer(pulses=value),
    "alternate": lambda value: SignPulses(alternate=value),
    "bias": lambda value: Weights(load("yi2022-taox"), 2, 2, BlindPulses(), form="factors", bias=value),
}
#: the same where something long begins if it is accepted
LONG = {
    "quick": lambda value: insitu.run("yi2022", quick=value),
    "quiet": lambda value: insitu.run("yi2022", quiet=value),
    "alone": lambda value: requirements("yi2022", alone=value),
    "improve": lambda value: assess("yi2022-taox", improve=value),
    "trust": lambda value: resume("nowhere", trust=value),
    "magnitude": lambda value: read_pulses("nowhere.csv", magnitude=value),
}


@pytest.mark.parametrize("name", [*TRUTHS, *LONG])
@pytest.mark.parametrize("value", ["no", 1, 0.0, None, np.array([True])])
def test_true_and_false_are_taken_for_no_other_thing(name, value, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=f"{name}: got .*; allowed are True and False"):
        (TRUTHS | LONG)[name](value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", TRUTHS)
def test_those_of_numpy_are_those_of_python(name):
    one, other = TRUTHS[name](np.True_), TRUTHS[name](True)
    assert name == "bias" or (one == other and type(getattr(one, name)) is bool)
