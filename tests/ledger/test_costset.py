"""Cost files: what comes with insitu is whole and sourced, and what a user writes is refused in a sentence."""

import copy
import math

import pytest

from insitu.devices import library
from insitu.errors import InputError
from insitu.ledger import costset
from insitu.ledger.coefficients import KNOWN, scale_of

GOOD = {
    "summary": "a memory",
    "kind": "memory",
    "covers": "the cell",
    "coefficients": {
        "pulse_up": {"value": 2.0, "unit": "pJ", "node": "28 nm", "tag": "ours", "source": "a measurement"},
    },
}
ADC = {"value": 8, "unit": "1", "node": "28 nm", "tag": "ours", "source": "a measurement"}


def changed(*path, value=None, remove=False):
    data = copy.deepcopy(GOOD)
    table = data
    for key in path[:-1]:
        table = table[key]
    if remove:
        del table[path[-1]]
    else:
        table[path[-1]] = value
    return data


@pytest.mark.parametrize("name", costset.names())
def test_every_set_is_whole(name):
    found = costset.load(name)
    assert found.coefficients
    for one in found.coefficients.values():
        assert one.unit == KNOWN[found.kind][one.name][0]
        assert 0 <= one.low <= one.value <= one.high < math.inf
        assert one.source.strip()


def test_each_device_is_priced_by_one_set_at_most_and_exists():
    sets = [costset.load(name) for name in costset.names()]
    named = [device for one in sets for device in one.devices]
    assert len(named) == len(set(named))
    assert set(named) <= set(library.names())
    assert all(one.kind == "memory" for one in sets if one.devices)


def test_the_two_filaments_differ_by_their_conductance_alone():
    """The ratio of one atom of tellurium to one conductance quantum, at the same pulse: 33.7."""
    one, metal = costset.load("subquantum-cbram"), costset.load("metal-cbram")
    for name in ("voltage_up", "width_up", "voltage_down", "width_down"):
        assert one.get(name).value == metal.get(name).value
    assert metal.get("g_on").value / one.get("g_on").value == pytest.approx(77.5 / 2.3, rel=0.01)


@pytest.mark.parametrize(
    ("unit", "wanted", "factor"),
    [
        ("1", "1", 1),
        ("F2", "F2", 1),
        ("GB/s", "B/s", 1e9),
        ("aJ", "J", 1e-18),
        ("pJ", "J", 1e-12),
        ("J", "J", 1),
        ("ms", "s", 1e-3),
        ("m", "m", 1),
        ("nm", "m", 1e-9),
        ("µS", "S", 1e-6),
    ],
)
def test_units_are_read(unit, wanted, factor):
    assert scale_of(unit, wanted, "here") == pytest.approx(factor)


def test_what_a_set_leaves_out_is_that_of_its_base():
    base, found = costset.load("pcm"), costset.parse("mine", changed("base", value="pcm"))
    assert found.get("pulse_up").value == 2e-12
    assert {k: v for k, v in found.coefficients.items() if k != "pulse_up"} == {
        k: v for k, v in base.coefficients.items() if k != "pulse_up"
    }


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (changed("coefficients", "pulse_up", "unit", value="pW"), ["pulse_up.unit", "'pW'", "expected is J", "pJ"]),
        (changed("coefficients", "pulse_up", "unit", value="k1"), ["unit", "'k1'"]),
        (changed("coefficients", "pulse_up", "source", remove=True), ["pulse_up.source", "missing"]),
        (changed("coefficients", "pulse_up", "source", value="  "), ["pulse_up.source", "it must not be empty"]),
        (changed("coefficients", "pulse_up", "node", remove=True), ["pulse_up.node", "missing"]),
        (changed("coefficients", "pulse_up", "tag", value="guess"), ["tag", "'stated'"]),
        (changed("coefficients", "pulse_up", "value", value=-1.0), ["pulse_up.value", "at least 0"]),
        (changed("coefficients", "pulse_up", "value", value=float("nan")), ["pulse_up.value"]),
        (changed("coefficients", "pulse_up", "low", value=1.0), ["low and high", "both or none"]),
        (
            changed("coefficients", "puls_up", value=GOOD["coefficients"]["pulse_up"]),
            ["puls_up", "did you mean 'pulse_up'"],
        ),
        (
            changed("coefficients", value={"conversion_bits": ADC}) | {"kind": "periphery"},
            ["conversion_bits: got it alone", "conversion_growth both or none"],
        ),
        (
            changed("coefficients", value={"conversion_bits": ADC, "conversion_growth": ADC | {"value": 0}})
            | {"kind": "periphery"},
            ["conversion_growth: got 0", "above 0"],
        ),
        (
            changed("coefficients", value={"input_growth": ADC}) | {"kind": "periphery"},
            ["input_growth: got it alone", "input_growth both or none"],
        ),
        (changed("kind", value="digital"), ["unknown coefficient 'pulse_up' of a digital set"]),
        (changed("kind", value="other"), ["kind"]),
        (changed("base", value="oxide-rrm"), ["base: unknown set 'oxide-rrm'", "did you mean 'oxide-rram'"]),
        (changed("base", value="gpu-a100"), ["base: gpu-a100 is a digital set", "memory"]),
        (changed("colour", value="red"), ["unknown field 'colour'"]),
    ],
)
def test_what_is_wrong_is_a_sentence(data, words):
    with pytest.raises(InputError) as error:
        costset.parse("mine", data)
    for word in words:
        assert word in str(error.value)


def test_files_are_read_and_refused(tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text(
        'summary = "x"\nkind = "memory"\ncovers = "x"\n[coefficients.read]\nvalue = 3\nunit = "fJ"\nnode = "n"\n'
        'tag = "ours"\nsource = "me"\n'
    )
    assert costset.load(str(mine)).get("read").value == pytest.approx(3e-15)
    mine2 = tmp_path / "broken.toml"
    mine2.write_text("summary = ")
    for given, word in (
        (str(mine2), "not a TOML file"),
        (str(tmp_path / "no.toml"), "cannot be read"),
        ("pmc", "'pcm'"),
    ):
        with pytest.raises(InputError, match=word):
            costset.load(given)
