"""Parameter sets as TOML files: those of the library are what was recorded, and a user's own is read or refused."""

import json
from pathlib import Path

import pytest

from insitu.devices.library import load, names, numbers
from insitu.devices.linear import LinearStep
from insitu.errors import InputError
from insitu.papers import papers

RECORDED = json.loads((Path(__file__).parent / "recorded.json").read_text())


def exact(value):
    return (
        [exact(one) for one in value]
        if isinstance(value, tuple)
        else value.hex()
        if isinstance(value, float)
        else value
    )


@pytest.mark.parametrize("name", RECORDED)
def test_every_number_is_the_recorded_one_to_the_last_bit(name):
    """What the sets were when they were Python modules that calculated their numbers."""
    found = load(name)
    assert type(found.device).__name__ == RECORDED[name]["law"]
    tags = found.provenance
    shown = {field: [exact(value), tags[field].tag] for field, value in numbers(found.device).items()}
    assert shown == RECORDED[name]["numbers"]


def test_no_set_is_lost_and_every_paper_is_known():
    assert set(names()) >= set(RECORDED)  # a new one needs no record
    for name in names():
        found = load(name)
        assert found.paper in papers() or found.paper == ""
        assert found.paper in ("", name.partition("-")[0])


MINE = """
law = "LinearStep"
summary = "my cell"
source = "our laboratory."
validity = "20 degrees."

[mine]
[mine.numbers]
g_min = { value = 0.0, unit = "S", tag = "stated", note = "read" }
g_max = { value = 9e-6, unit = "S", tag = "stated", note = "read" }
step_up = { value = 1e-7, unit = "S", tag = "ours", note = "guess" }
step_down = { value = 1e-7, unit = "S", tag = "ours", note = "guess" }
gamma_up = { value = 0.5, tag = "ours", note = "guess" }
gamma_down = { value = 0.5, tag = "ours", note = "guess" }
"spread.step_cv" = { value = 0.2, tag = "ours", note = "guess" }
"""


def read(folder, text):
    path = folder / "mine.toml"
    path.write_text(text)
    return load(path)


def test_a_users_own_file(tmp_path):
    found = read(tmp_path, MINE)
    assert isinstance(found.device, LinearStep)
    assert found.device.spread.step_cv == 0.2
    assert (found.name, found.provenance["gamma_up"].tag, found.paper) == ("mine", "ours", "")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("LinearStep", "LinearStop", "mine.law: unknown law 'LinearStop'; did you mean 'LinearStep'"),
        ('value = 9e-6, unit = "S"', 'value = 9e-6, unit = "V"', r"mine\.numbers\.g_max\.unit: got 'V'; allowed is S"),
        ('value = 9e-6, unit = "S"', "value = 9e-6", r"g_max\.unit: got ''; allowed is S"),
        ("value = 0.5, ", 'value = 0.5, unit = "S", ', r"gamma_up\.unit: got 'S'; allowed is no unit"),
        ("gamma_down", "gama_down", "LinearStep has no 'gama_down'; did you mean 'gamma_down'"),
        ("spread.step_cv", "spread.stop_cv", "has no 'spread.stop_cv'; did you mean 'spread.step_cv'"),
        ('gamma_down = { value = 0.5, tag = "ours", note = "guess" }', "", "LinearStep is missing .*gamma_down"),
        ("9e-6", "9.0", "g_max: got 9.0 S"),
        ('tag = "stated"', 'tag = "known"', 'numbers.g_min.tag: got "known"'),
        ('note = "read"', 'note = " "', "numbers.g_min.note"),
        ('summary = "my cell"', "", "summary: missing"),
        ("law =", 'paper = "shi20188"\nlaw =', "'shi20188' is not in papers.bib; did you mean 'shi2018'"),
        ("[mine]", "[mine", "not a TOML file"),
        ("[mine]", "[yours]\n[mine]", "numbers: missing"),
    ],
)
def test_what_is_wrong_is_one_sentence_that_names_the_file(tmp_path, old, new, words):
    with pytest.raises(InputError, match=words) as told:
        read(tmp_path, MINE.replace(old, new))
    assert str(told.value).startswith("mine.toml: ")
    assert "\n" not in str(told.value)


def test_a_file_with_two_sets_and_one_that_is_not_there(tmp_path):
    two = MINE.replace("[mine]\n", "") + MINE[MINE.index("[mine]") :].replace("mine", "yours")
    with pytest.raises(InputError, match="has 2 parameter sets; allowed is exactly one"):
        read(tmp_path, two)
    with pytest.raises(InputError, match=r"nowhere\.toml: cannot be read"):
        load(tmp_path / "nowhere.toml")
