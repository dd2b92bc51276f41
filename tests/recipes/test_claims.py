import re
from pathlib import Path

import pytest

from insitu import __version__
from insitu.devices.library import load, names
from insitu.papers import papers
from insitu.recipes import claims, registry
from insitu.recipes.loading import to_toml

ROOT = Path(__file__).parents[2]


def cited(recipe, *sets, dataset="mnist", **result):
    table = to_toml(registry.resolved(recipe, sets))
    return claims.cited(recipe, table, result, dataset)


@pytest.mark.parametrize(
    ("recipe", "sets", "keys"),
    [
        ("shi2018", [], ["insitu", "shi2018", "shi2019", "lecun1998"]),
        ("shi2018", ["pruning.method=none"], ["insitu", "shi2018", "lecun1998"]),
        ("yi2022", ["data.task=mnist"], ["insitu", "yi2022", "movellan1991", "lecun1998"]),
        ("yi2022", ["data.task=mnist", "images.mode=centred"],
         ["insitu", "yi2022", "scellier2017", "laborieux2021", "lecun1998"]),
        ("cristiano2018", [], ["insitu", "cristiano2018", "ambrogio2018", "gokmen2016", "lecun1998"]),
        ("cristiano2018", ["scheme.name=mixed-precision", "lsp.device=li2018-3t1c"],
         ["insitu", "cristiano2018", "ambrogio2018", "nandakumar2020", "li2018", "lecun1998"]),
        ("cristiano2018", ["scheme.name=tiki-taka", "scheme.chop=0.1"],
         ["insitu", "cristiano2018", "ambrogio2018", "gokmen2021", "rasch2024", "lecun1998"]),
    ],
)  # fmt: skip
def test_what_took_part_is_cited_once(recipe, sets, keys):
    assert cited(recipe, *sets) == keys


def test_the_device_that_auto_meant_is_cited_and_a_users_file_is_not_executed(tmp_path):
    mine = tmp_path / "mine.py"
    mine.write_text("raise SystemExit('executed')")
    assert claims.devices({"array": {"device": "auto"}}, {"device": "yi2022-taox"}) == ["yi2022-taox"]
    assert "jerry2017" in cited("shi2018", device="jerry2017-fefet")
    assert cited("shi2018", f"array.device={mine}", device=str(mine)) == cited("shi2018")


def test_every_paper_has_an_entry_and_every_entry_is_cited():
    keys = {key for recipe in registry.names() for one in registry.about(recipe).cited for key in one.papers}
    keys |= {load(name).paper for name in names()} | set(claims._DATA.values()) | {"insitu"}
    assert keys - {""} == papers().keys()
    for key, entry in papers().items():
        assert entry.startswith("@")
        assert entry.count("{") == entry.count("}"), key


def test_insitu_is_cited_as_its_file_says():
    file = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    title = re.search(r'^title: "(.*)"', file, re.MULTILINE)[1]
    name = re.search(r'- name: "(.*)"', file)[1]
    assert f"title = {{{title}}}" in papers()["insitu"]
    assert name in papers()["insitu"]
    assert f"version = {{{__version__}}}" in papers()["insitu"]


@pytest.mark.parametrize("recipe", registry.names())
def test_claims_name_fields_that_are_there_and_say_their_source(recipe):
    """A key with a dot is a field of the recipe; others are results, of which the labels and a few more are known."""
    carrier = registry.carrier(recipe)
    fields = {
        f"{table}.{key}"
        for table, part in carrier.Recipe().model_dump().items()
        if isinstance(part, dict)
        for key in part
    }
    results = {*registry.about(recipe).labels, "dataset", "inputs", "neurons", "weights", "pulses_asked_p50"}
    results |= {"price.gpu", "price.rate", "price.seconds"}
    assert registry.about(recipe).claims
    for claim in registry.about(recipe).claims:
        assert claim.tag in ("stated", "inferred")
        assert claim.source
        for key in (*claim.keys, *claim.when):
            assert key in (fields if key.partition(".")[0] in carrier.Recipe.model_fields else results), key
