"""What energy.toml asks for and says can be carried out and filled in."""

import string
import tomllib
from importlib import import_module

import pytest

from insitu.recipes import registry
from insitu.recipes.loading import put, validate
from insitu.studies.energy import CLAIMS
from insitu.studies.priced import FILE, words


@pytest.mark.parametrize("claim", CLAIMS)
def test_every_setting_of_a_claim_is_one_of_its_recipe(claim):
    module = import_module(CLAIMS[claim])
    cases = module.WORDS.runs() or module.cases()
    assert sum(map(len, cases.values())) > 1
    for recipe, some in cases.items():
        for case in some:
            table = tomllib.loads(registry.toml_text(recipe))
            for key, value in case.changes.items():
                put(table, key, value)
            validate(registry.carrier(recipe).Recipe, table)


@pytest.mark.parametrize("recipe", FILE["quick"])
def test_a_trial_of_a_claim_is_a_recipe_with_a_number_of_epochs(recipe):
    short = registry.resolved(recipe, [*FILE["quick"][recipe], f"{FILE['epochs'][recipe]}=1"])
    assert short != registry.resolved(recipe)


@pytest.mark.parametrize("claim", CLAIMS)
def test_every_number_of_a_sentence_has_a_name(claim):
    names = [name for sentence in words(claim).sentences for _, name, _, _ in string.Formatter().parse(sentence)]
    assert "" not in names
