import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insitu.errors import InputError
from insitu.studies.axes import parse_vary, settings


@pytest.mark.parametrize(
    ("item", "key", "values"),
    [
        ("a.b=1,2", "a.b", [1, 2]),
        ("a=0, 0.5 ,.75", "a", [0, 0.5, 0.75]),
        ("a=true", "a", [True]),
        ("a=soft,none", "a", ["soft", "none"]),
        ("a=hold,-1.0", "a", ["hold", -1.0]),
        ("a=[1, 2],[3]", "a", [[1, 2], [3]]),
        ("a=path/to.py,x-y", "a", ["path/to.py", "x-y"]),
        ('a="with, comma",b', "a", ['"with', 'comma"', "b"]),  # no list of TOML values: commas part it
        ('a="with, comma"', "a", ["with, comma"]),
        ("a+b=500+2, 165+8", "a+b", [(500, 2), (165, 8)]),
        ("a+b=soft+-1,none+hold", "a+b", [("soft", -1), ("none", "hold")]),
    ],
)
def test_values_of_the_command_line(item, key, values):
    found = parse_vary([item])
    assert found == {key: values}
    assert [type(value) for value in found[key]] == [type(value) for value in values]


@pytest.mark.parametrize(
    ("items", "words"),
    [
        (["a"], "--vary: got 'a'; write it as key=value1,value2"),
        (["a="], "write it as"),
        (["=1"], "write it as"),
        (["a+=1+2"], "write it as"),
        (["a=1", "a=2"], "'a' is given twice; list all of its values in one --vary"),
        (["a+b=1"], "got '1' for 2 fields that change together"),
        (["a+b=1+2+3"], r"got '1\+2\+3' for 2 fields"),
    ],
)
def test_what_is_not_of_this_form_is_one_sentence(items, words):
    with pytest.raises(InputError, match=words):
        parse_vary(items)


@pytest.mark.parametrize(
    ("vary", "words"),
    [
        ({"a": []}, "'a' has no values"),
        ({"a": [1, 2, 1]}, "'a' has the value 1 twice"),
        ({"a": [1], "b+a": [(1, 2)]}, "'a' is named twice"),
        ({"a+a": [(1, 2)]}, "'a' is named twice"),
        ({"seed": [1, 2]}, "use --seeds"),
        ({"a+b": [1]}, r"'a\+b' got 1; each value needs 2 parts"),
        ({"a+b": [(1, 2, 3)]}, "each value needs 2 parts"),
    ],
)
def test_unusable_axes_are_one_sentence(vary, words):
    with pytest.raises(InputError, match=words):
        settings(vary)


def test_joined_fields_change_together_and_the_last_changes_fastest():
    found = settings({"x+y": [(1, "a"), (2, "b")], "z": [True, 1]})
    assert found == [
        {"x": 1, "y": "a", "z": True},
        {"x": 1, "y": "a", "z": 1},
        {"x": 2, "y": "b", "z": True},
        {"x": 2, "y": "b", "z": 1},
    ]
    assert settings({}) == [{}]


@given(st.lists(st.lists(st.integers(), min_size=1, max_size=4, unique=True), max_size=4))
def test_every_combination_once(axes):
    found = settings({f"k{i}": values for i, values in enumerate(axes)})
    assert len(found) == math.prod(map(len, axes))
    assert len({tuple(setting.items()) for setting in found}) == len(found)
    assert all(setting[f"k{i}"] in values for setting in found for i, values in enumerate(axes))


def test_too_many_combinations_are_refused_before_they_are_made():
    with pytest.raises(InputError, match="gives 1,000,000,000,000 combinations; allowed are 100,000"):
        settings({name: range(1000) for name in "abcd"})
