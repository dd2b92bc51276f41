import json
import math
import tomllib
from types import SimpleNamespace

import numpy as np
import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st
from tiny_recipe.tiny import Recipe

from insitu.errors import InputError
from insitu.recipes.loading import (
    OrOff,
    RecipePart,
    apply_overrides,
    as_overrides,
    parse_value,
    resolve,
    to_toml,
    validate,
)

BASE = {"steps": 5, "learning": {"rate": 0.5}, "array": {"device": "ideal"}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.75", 0.75),
        (".5", 0.5),
        ("3", 3),
        ("-1e-3", -0.001),
        ("true", True),
        ("[1, 2]", [1, 2]),
        ('"quoted"', "quoted"),
        ("bare", "bare"),
        ("two words", "two words"),
        ("path/to/file.py", "path/to/file.py"),
        ('"not closed', '"not closed'),
        ("1\nother = 2", "1\nother = 2"),
        ("2026-11-22", "2026-11-22"),
        ("", ""),
    ],
)
def test_values_are_toml_and_bare_words_are_strings(text, value):
    assert parse_value(text) == value
    assert type(parse_value(text)) is type(value)


@given(st.text())
def test_every_text_is_some_value(text):
    assert isinstance(parse_value(text), bool | int | float | str | list | dict)


def test_overrides_set_dotted_keys_in_a_copy():
    data = {"pruning": {"fraction": 0.5, "kind": "soft"}}
    found = apply_overrides(data, ["pruning.fraction=0.75", "array.device = mine.py", "note=a=b"])
    assert found == {"pruning": {"fraction": 0.75, "kind": "soft"}, "array": {"device": "mine.py"}, "note": "a=b"}
    assert data == {"pruning": {"fraction": 0.5, "kind": "soft"}}


@pytest.mark.parametrize("item", ["fraction", "=3", "a..b=1", ".a=1", ""])
def test_what_is_not_key_value_is_refused(item):
    with pytest.raises(InputError, match="write it as key=value"):
        apply_overrides({}, [item])


def test_a_value_has_no_fields():
    with pytest.raises(InputError, match=r"'learning\.rate' is a single value and has no fields"):
        apply_overrides(BASE, ["learning.rate.x=1"])


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("learning.rat=0.5", r"unknown field 'learning\.rat'; did you mean 'learning\.rate'\?"),
        (
            "learning.momentum=0.5",
            r"learning\.momentum'; allowed: learning\.noise_cv, learning\.rate",
        ),
        ("rate=0.5", r"unknown field 'rate'; did you mean 'learning\.rate'\?"),
        ("zzz=1", r"unknown field 'zzz'; allowed: array\.device, learning\.noise_cv"),
        ("learning.rate=lots", r'learning\.rate: got "lots"; it must be a valid number'),
        ("learning.rate=1.5", r"learning\.rate: got 1\.5; it must be at most 1$"),
        ("learning.rate=nan", r"learning\.rate: got NaN; it must be a finite number"),
        ("learning.rate=inf", r"learning\.rate: got Infinity; it must be a finite number"),
        ("learning.rate=true", r"learning\.rate: got true; it must be a valid number"),
        ("learning.threshold=on", r'learning\.threshold: got "on"; it must be a valid number'),
        ("steps=2.5", r"steps: got 2\.5; it must be a valid integer"),
        ("steps=0", r"steps: got 0; it must be greater than 0"),
        ("seed=-1", r"seed: got -1; it must be at least 0"),
        ("seed=18446744073709551616", r"seed: got 18446744073709551616; it must be below 18446744073709551616"),
        ("trouble=much", r"trouble: got \"much\"; it must be 'none', 'input'"),
        ("learning=0.5", r"learning: got 0\.5; it is a table, set one of its fields: learning\.rate, "),
        ("array.device=7", r"array\.device: got 7; it must be a valid string"),
        ("steps='3'", r'steps: got "3"; it must be a valid integer, without quotes'),
        ("sizes=[1, 'x']", r'sizes\.1: got "x"; it must be a valid integer'),
    ],
)
def test_a_wrong_field_is_one_sentence(override, words):
    with pytest.raises(InputError, match=words) as caught:
        resolve(Recipe, tomli_w.dumps(BASE), [override])
    assert "\n" not in str(caught.value)
    assert "pydantic" not in str(caught.value)


def test_the_largest_seed_is_taken():
    assert resolve(Recipe, tomli_w.dumps(BASE), ["seed=18446744073709551615"]).seed == 2**64 - 1


def test_further_faults_are_counted_and_missing_fields_named():
    with pytest.raises(InputError, match=r"\(and 1 more\)$"):
        validate(Recipe, BASE | {"steps": 0, "seed": -1})
    with pytest.raises(InputError, match=r"learning\.rate: missing"):
        validate(Recipe, BASE | {"learning": {}})


def test_off_means_none_only_where_the_type_says_so():
    assert resolve(Recipe, tomli_w.dumps(BASE), ["learning.threshold=off"]).learning.threshold is None
    assert resolve(Recipe, tomli_w.dumps(BASE), ["array.device=off"]).array.device == "off"


def test_a_recipe_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        validate(Recipe, BASE).steps = 3


@given(
    st.floats(0, 1),
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
    st.integers(0, 2**64 - 1),
    st.lists(st.integers(-5, 5), max_size=3),
    st.text(),
)
def test_a_resolved_recipe_survives_its_file(rate, noise, threshold, seed, sizes, device):
    learning = {"rate": rate, "noise_cv": noise, "threshold": threshold}
    recipe = validate(Recipe, BASE | {"learning": learning, "seed": seed, "sizes": sizes, "array": {"device": device}})
    table = to_toml(recipe)
    assert validate(Recipe, tomllib.loads(tomli_w.dumps(table))) == recipe
    assert table["learning"]["threshold"] == ("off" if threshold is None else threshold)
    assert json.loads(json.dumps(table)) == table


def test_a_none_that_the_file_would_lose_is_refused():
    class Careless(RecipePart):
        limit: float | None = 1.0

    with pytest.raises(InputError, match="must be OrOff"):
        to_toml(Careless(limit=None))


def test_messages_of_a_recipes_own_checks_pass_through():
    from pydantic import field_validator

    class Own(RecipePart):
        size: int

        @field_validator("size")
        @classmethod
        def _even(cls, size: int) -> int:
            if size % 2:
                raise InputError(f"got {size}; only even sizes fit")
            return size

    with pytest.raises(InputError, match=r"^size: got 3; only even sizes fit$"):
        validate(Own, {"size": 3})


def test_optional_tables_are_known_by_their_fields():
    class Inner(RecipePart):
        size: int = 1

    class Outer(RecipePart):
        inner: Inner | None = None
        limit: OrOff[float] = math.pi

    with pytest.raises(InputError, match=r"did you mean 'inner\.size'\?"):
        validate(Outer, {"inner": {"sise": 2}})
    assert SimpleNamespace(**validate(Outer, {}).model_dump()).limit == math.pi


@given(
    st.dictionaries(
        st.sampled_from(["a", "a_b", "b.c", "b.d.e"]),
        st.none()
        | st.booleans()
        | st.integers(-(2**63), 2**63 - 1)
        | st.floats()
        | st.text(st.characters(exclude_categories=["Cs"]))
        | st.lists(st.integers(0, 9) | st.text("ab 1=[\"'", max_size=5), max_size=3),
    )
)
def test_changes_from_python_are_those_of_the_command_line(changes):
    read = {item.partition("=")[0]: parse_value(item.partition("=")[2].strip()) for item in as_overrides(changes)}
    assert repr(read) == repr({key: "off" if value is None else value for key, value in changes.items()})


def test_tables_numbers_of_numpy_paths_and_a_single_text_are_changes_too(tmp_path):
    found = as_overrides({"b": {"c": np.float32(0.5), "d": np.int64(3)}, "e": tmp_path, "f": np.arange(2), "g": (1, 2)})
    assert found == ["b.c=0.5", "b.d=3", f'e="{tmp_path}"', "f=[0, 1]", "g=[1, 2]"]
    assert as_overrides("a=1") == as_overrides(["a=1"]) == ["a=1"]
    assert as_overrides(None) == []
