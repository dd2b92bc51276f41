"""``insitu.price``: the account of a finished run, as a table and as itself."""

import pytest
from undrawn import undrawn

import insitu
from insitu.errors import InputError, RunError


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """One small finished run."""
    small = {"two_layer.updates": 3, "one_layer.updates": 3, "data.examples": 5, "data.flips": [0.1]}
    with pytest.MonkeyPatch.context() as patch:
        undrawn(patch)
        return insitu.run("yi2022", set=small, out=tmp_path_factory.mktemp("runs"), quiet=True)


def test_an_opened_run_its_folder_and_its_name_cost_the_same(run):
    path = run.folder.path
    found = insitu.price(run)
    for other in (path, str(path)):
        assert insitu.price(other).as_dict() == found.as_dict()
    assert insitu.price(path.name, out=path.parent).as_dict() == found.as_dict()
    assert found.run == str(path)


def test_the_table_adds_up_to_the_energy(run):
    found = insitu.price(run)
    table = found.table
    whole = table.loc["all that is modelled"]
    assert whole["value"] == found.energy.value
    assert (whole["low"], whole["high"]) == (found.energy.low, found.energy.high)
    assert table["value"].iloc[:-1].sum() == pytest.approx(whole["value"])
    assert table["share"].iloc[:-1].sum() == pytest.approx(1)


def test_it_shows_itself(run):
    found = insitu.price(run, costs="metal-cbram")
    assert found.energy.show("J") in repr(found)
    assert "metal-cbram" in repr(found)
    assert "all that is modelled" in str(found)
    assert "all that is modelled" in found._repr_html_()


def test_one_set_of_costs_may_stand_alone(run):
    assert insitu.price(run, "metal-cbram").as_dict() == insitu.price(run, ["metal-cbram"]).as_dict()
    with pytest.raises(InputError, match="did you mean 'metal-cbram'"):
        insitu.price(run, "metal-cbrm")


def test_what_is_no_run_is_one_sentence(tmp_path):
    with pytest.raises(RunError, match="no such run folder"):
        insitu.price(tmp_path / "none")


def test_a_page_of_an_opened_run_and_of_several(run, tmp_path):
    assert insitu.report(run) == run.folder.path / "report.html"
    page = insitu.report([run, run.folder.path], out=str(tmp_path / "p.html"), costs="metal-cbram")
    assert page == tmp_path / "p.html"
    assert "metal-cbram" in page.read_text(encoding="utf-8")
