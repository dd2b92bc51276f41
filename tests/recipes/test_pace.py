"""What earlier studies took on this machine is what later estimates are made of."""

import pytest

from insitu.recipes.pace import keep_pace, pace


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("INSITU_CACHE", str(tmp_path))
    return tmp_path / "pace" / "pace.json"


def test_a_recipe_keeps_its_own(cache):
    assert pace("shi2018") is None
    keep_pace("shi2018", [(10.0, 40.0), (20.0, 50.0)])
    keep_pace("yi2022", [(100.0, 50.0)])
    assert pace("shi2018") == pytest.approx(3.0)
    assert pace("yi2022") == pytest.approx(0.5)
    keep_pace("shi2018", [(30.0, 60.0)])
    assert pace("shi2018") == pytest.approx(2.0)


@pytest.mark.parametrize("runs", [[], [(1.0, 5.0)], [(0.0, 50.0)]])
def test_too_little_tells_nothing(runs):
    keep_pace("shi2018", runs)
    assert pace("shi2018") is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"shi2018": "fast"}', '{"shi2018": NaN}', '{"shi2018": 0}', '{"shi2018": 1e9}']
)
def test_a_damaged_file_is_as_none_and_heals(cache, text):
    cache.parent.mkdir(mode=0o700)
    cache.write_text(text)
    assert pace("shi2018") is None
    keep_pace("shi2018", [(10.0, 40.0)])
    assert pace("shi2018") == pytest.approx(4.0)


def test_a_cache_that_cannot_be_written_stops_nothing(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("INSITU_CACHE", str(tmp_path / "file"))
    keep_pace("shi2018", [(10.0, 40.0)])
    assert pace("shi2018") is None
