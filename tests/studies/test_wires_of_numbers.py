"""The study of wires: what is refused before anything runs."""

import pytest

from insitu.errors import InputError
from insitu.studies.tiles import tiles
from insitu.studies.wires import wires


@pytest.mark.parametrize("study", [wires, tiles])
@pytest.mark.parametrize("recipe", ["shi2018", "yi2022", "cristiano2018"])
def test_numbers_have_no_wires_which_is_said_before_anything_runs(study, recipe, tmp_path):
    with pytest.raises(InputError, match=r"chip.row_ohm: with Exact weights are numbers, to which no wires lead"):
        study(recipe, set={"scheme.name": "exact"}, quick=True, seeds=1, out=tmp_path / "study")
    assert not (tmp_path / "study").exists()
