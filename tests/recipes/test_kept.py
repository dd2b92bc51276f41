"""Constants that tuning found: kept in a file, and taken by a run that is like the one they were found for."""

import numpy as np
import pytest

import insitu
from insitu.errors import InputError, RunError
from insitu.recipes import kept, registry
from insitu.recipes.loading import as_overrides

SINGLE = {"cell.parts": "lsp", "lsp.device": "gong2022-om", "scheme.name": "mixed-precision"}


def found(fields, where=SINGLE, **more):
    return kept.Kept(
        recipe="cristiano2018", where=where, fields=fields, best=0.9, trials=4, command="insitu tune", **more
    )


def test_a_file_keeps_one_of_each_place_and_gives_back_what_it_was_given(tmp_path):
    path = tmp_path / "kept.toml"
    other = found({"training.rate": 0.03}, SINGLE | {"lsp.device": "li2018-3t1c"}, stands=0.5)
    for one in (found({"training.rate": 0.01}), other, found({"training.rate": 0.02})):
        kept.keep(path, one)
    assert kept.read(path) == [other, found({"training.rate": 0.02})]


def test_a_run_takes_what_suits_it_best_and_what_a_person_sets_counts(tmp_path):
    path = tmp_path / "kept.toml"
    kept.keep(path, found({"training.rate": 0.01}))
    kept.keep(path, found({"training.rate": 0.02, "scheme.epsilon": 3.0}, SINGLE | {"network.function": "tanh"}))
    asked = as_overrides(SINGLE)
    overrides, told = kept.overrides_with(path, "cristiano2018", asked)
    assert registry.resolved("cristiano2018", overrides).training.rate == 0.01
    assert "training.rate=0.01 (90.0 % of what was held back, best of 4 trials)" in told
    overrides, _ = kept.overrides_with(path, "cristiano2018", [*asked, "network.function=tanh", "training.rate=0.5"])
    recipe = registry.resolved("cristiano2018", overrides)
    assert (recipe.training.rate, recipe.scheme.epsilon) == (0.5, 3.0)


def test_where_nothing_suits_the_sentence_says_what_the_nearest_was_tuned_with(tmp_path):
    path = tmp_path / "kept.toml"
    kept.keep(path, found({"training.rate": 0.01}))
    with pytest.raises(InputError, match=r"the nearest was tuned with lsp\.device=gong2022-om\. "):
        kept.overrides_with(path, "cristiano2018", as_overrides(SINGLE | {"lsp.device": "li2018-3t1c"}))
    with pytest.raises(InputError, match=r"holds nothing for yi2022 with these fields\. `insitu tune yi2022"):
        kept.overrides_with(path, "yi2022", [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "nope.toml: cannot be read"),
        ("kept = 3", "nope.toml: kept: got 3"),
        ("[[kept]]\nrecipe = 'shi2018'", "nope.toml: kept.0.where: missing"),
        ("a = [", "nope.toml: not a TOML file"),
    ],
)
def test_a_file_that_is_none_is_refused_and_not_written_over(tmp_path, text, words):
    path = tmp_path / "nope.toml"
    if text is not None:
        path.write_text(text)
        with pytest.raises(InputError, match=words):
            kept.keep(path, found({}))
        assert path.read_text() == text
    with pytest.raises(InputError, match=words):
        kept.read(path)


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_tried(tmp_path):
    (tmp_path / "file").touch()
    for path, words in {
        tmp_path: "Is a directory.; choose another file with --keep",
        tmp_path / "file" / "kept.toml": "choose another file with --keep",
        tmp_path / ("x" * 300): "choose another file with --keep",
        "library": "--keep: got library",
    }.items():
        with pytest.raises((InputError, RunError), match=words):
            kept.require_place(path)
    assert kept.require_place(tmp_path / "new" / "kept.toml") == []
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["file", "new"]


def test_what_a_person_writes_as_tables_is_what_dotted_names_are(tmp_path):
    path = tmp_path / "kept.toml"
    path.write_text(
        "[[kept]]\nrecipe = 'cristiano2018'\nbest = 0.9\ntrials = 4\ncommand = 'mine'\n"
        "where.cell.parts = 'lsp'\nwhere.lsp.device = 'gong2022-om'\n[kept.fields.training]\nrate = 0.03\n"
    )
    overrides, _ = kept.overrides_with(path, "cristiano2018", as_overrides(SINGLE))
    assert "training.rate=0.03" in overrides


def test_none_and_numbers_of_numpy_are_kept_as_a_recipe_writes_them(tmp_path):
    path = tmp_path / "kept.toml"
    kept.keep(path, found({"chip.adc_bits": np.int64(8), "chip.adc_range": None}))
    assert kept.read(path)[0].fields == {"chip.adc_bits": 8, "chip.adc_range": "off"}


@pytest.mark.parametrize("fields", [{"training.rat": 0.1}, {"training.rate": "x"}, {"transfer.every": 500}])
def test_what_the_recipe_does_not_take_is_refused_with_where_it_came_from(tmp_path, fields):
    path = tmp_path / "kept.toml"
    kept.keep(path, found(fields))
    with pytest.raises(
        InputError, match=r"^--tuned: what .*kept\.toml keeps for cristiano2018 cannot be taken: .*(rat|every)"
    ):
        kept.overrides_with(path, "cristiano2018", as_overrides(SINGLE))


def test_a_place_is_device_scheme_and_what_was_set_but_for_seed_images_held_back_tuned_and_idle_fields():
    idle = ["transfer.every=500"]
    given = [*as_overrides(SINGLE), "training.rate=0.02", "data.validation=100", "seed=3", "data.crop=false", *idle]
    base = registry.resolved("cristiano2018", given)
    assert kept.place_of("cristiano2018", base, given, ["training.rate"]) == SINGLE | {"data.crop": False}
    base = registry.resolved("cristiano2018")
    place = kept.place_of("cristiano2018", base, [], ["training.rate"])
    assert place == {"lsp.device": base.lsp.device, "scheme.name": "blind-pulses"}


def test_what_comes_with_insitu_can_be_run():
    for one in kept.read("library"):
        recipe = registry.resolved(one.recipe, as_overrides(one.where | one.fields))
        overrides, _ = kept.overrides_with("library", one.recipe, as_overrides(one.where))
        assert registry.resolved(one.recipe, overrides) == recipe
        assert one.stands is None or one.best >= one.stands


def test_a_run_says_what_it_took(tmp_path, capsys):
    path = tmp_path / "kept.toml"
    one = found({"training.rate": 0.03}, SINGLE | {"network.hidden": [8]})
    kept.keep(path, one)
    run = insitu.run(
        "cristiano2018", set=one.where | {"training.epochs": 1}, tuned=path, data="digits", out=tmp_path / "runs"
    )
    assert run.settings["training"]["rate"] == 0.03
    assert "Tuned: training.rate=0.03 (90.0 % of what was held back" in capsys.readouterr().err
