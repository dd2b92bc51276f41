"""Files of any origin end in a value or in a ValueError, soon."""

import pytest

from insitu.errors import InputError
from insitu.parsing import parse_json, parse_toml
from insitu.recipes.loading import apply_overrides
from insitu.validation import Table, validate

BAD_TOML = [
    "a = " + "{a = " * 2000 + "1" + "}" * 2000,
    "a = " + "[" * 40 + "]" * 40,
    "a = " + "9" * 5000,
    "a = 0x" + "f" * 90_000,
    ".".join("a" * 100_000) + " = 1",
    ".".join(['"a"'] * 100_000) + " = 1",
    "[" + ".".join("a" * 100_000) + "]",
    "a",
]


@pytest.mark.parametrize("text", BAD_TOML, ids=range(len(BAD_TOML)))
def test_toml_that_would_hang_or_overflow_is_refused(text):
    with pytest.raises(ValueError, match=r".") as caught:
        parse_toml(text)
    assert len(str(caught.value)) < 300


def test_ordinary_toml_is_read():
    long = ", ".join(["0.125"] * 5000)
    assert parse_toml(f'a.b.c = [{long}]\nname = "{"www.example.org " * 100}"')["a"]["b"]["c"] == [0.125] * 5000


@pytest.mark.parametrize("text", ["[" * 100_000, '"\\ud800"', "1" + "0" * 400, '{"\\udfff": 1}', b"\xff", "{"])
def test_json_that_goes_wrong_further_on_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        parse_json(text)


class _Named(Table):
    name: str
    count: int = 0


@pytest.mark.parametrize("given", [{"name": "\udcff"}, {"name": "x", "count": 10**5000}])
def test_what_json_cannot_hold_is_refused_by_field(given):
    with pytest.raises(
        InputError, match=r"^(name: text that is no Unicode|count: a whole number of more than 30 digits)$"
    ):
        validate(_Named, given)


def test_a_refusal_is_a_sentence_however_long_the_input():
    with pytest.raises(InputError, match=r"^--set: got .* for example pruning") as caught:
        apply_overrides({}, [".".join("a" * 10_000) + "=1"])
    assert len(str(caught.value)) < 1000
