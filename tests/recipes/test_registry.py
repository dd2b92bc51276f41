import tomllib

import pytest

from insitu.errors import InputError
from insitu.recipes import registry


@pytest.fixture
def _tiny(monkeypatch):
    monkeypatch.setitem(registry.RECIPES, "tiny", "tiny_recipe.tiny")


@pytest.mark.usefixtures("_tiny")
def test_a_recipe_is_a_module_with_files_beside_it():
    assert registry.about("tiny").summary == "a running mean of images"
    text = registry.toml_text("tiny")
    assert "# how many images" in text
    assert tomllib.loads(text)["steps"] == 5
    assert registry.names() == sorted(registry.RECIPES)


@pytest.mark.usefixtures("_tiny")
@pytest.mark.parametrize(
    ("name", "words"), [("tiney", "did you mean 'tiny'"), ("zzz", "allowed: .*tiny"), ("", "allow")]
)
def test_an_unknown_recipe_is_one_sentence(name, words):
    with pytest.raises(InputError, match=f"recipe: unknown name '{name}'; {words}"):
        registry.module_name(name)


@pytest.mark.parametrize("name", registry.names())
def test_every_shipped_recipe_has_what_a_recipe_needs(name):
    from insitu.recipes.loading import BaseRecipe, to_toml

    module = registry.carrier(name)
    assert issubclass(module.Recipe, BaseRecipe)
    assert registry.about(name).summary
    assert callable(module.execute)
    assert to_toml(registry.resolved(name))
