"""Files of users that a recipe names: the same as when its run began, and executed for nobody who has not trusted them."""

import hashlib

import pytest

from insitu.devices.library.user_file import load_user_file
from insitu.errors import RunError
from insitu.runs import code


@pytest.fixture
def mine(tmp_path, monkeypatch):
    monkeypatch.setenv("INSITU_CACHE", str(tmp_path / "cache"))
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "mine.py").write_text("import helper\n")
    (tmp_path / "helper.py").write_text("FACTOR = 1\n")
    (tmp_path / "set.toml").write_text("")
    return tmp_path / "mine.py"


def test_every_file_that_a_recipe_names_is_found(mine):
    table = {
        "scheme": {"name": f"{mine}:Mine"},
        "words": ["ideal", f"{mine.parent}/set.toml", "gone.py", "x" * 300 + ".py"],
    }
    found = code.code_of(table)
    assert sorted(found) == [str(mine.parent / name) for name in ("helper.py", "mine.py", "set.toml")]
    assert found[str(mine)] == hashlib.sha256(b"import helper\n").hexdigest()
    (mine.parent / "helper.py").write_text("FACTOR = 2\n")
    with pytest.raises(RunError, match=r"helper\.py has changed since the run began"):
        code.check_same(found, code.code_of(table))
    with pytest.raises(RunError, match=r"helper\.py is gone since"):
        code.check_same(found, {})
    code.check_same(found, found)


def test_a_python_file_is_trusted_as_it_is(mine):
    table = {"device": str(mine)}
    with pytest.raises(
        RunError, match=r"^folder: its recipe executes .*\.py, which has not been used here as it is now; .* --trust"
    ):
        code.require_trusted("folder", code.code_of(table))
    code.trust(code.code_of(table))
    code.require_trusted("folder", code.code_of(table))
    (mine.parent / "helper.py").write_text("import os\n")
    with pytest.raises(RunError, match=r"executes .*helper\.py"):
        code.require_trusted("folder", code.code_of(table))
    code.require_trusted("folder", {"set.toml": "no code"})


READS = """
from pathlib import Path
import insitu
NUMBERS = tuple(map(float, Path(__file__).with_name("table.csv").read_text().split(",")))
class Mine(insitu.Device):
    @staticmethod
    def step(g, polarity, p, z):
        return g + p.step_up * NUMBERS[1]
device = Mine(g_min=1e-6, g_max=1e-4, step_up=NUMBERS[0], step_down=1e-6)
"""


@pytest.mark.parametrize("changed", ["2e-6,1", "1e-6,2"], ids=["a field", "what the law takes from around it"])
def test_what_a_file_makes_of_another_is_told_apart(tmp_path, changed):
    def made(numbers):
        folder = tmp_path / numbers
        folder.mkdir(exist_ok=True)
        (folder / "table.csv").write_text(numbers)
        (tmp_path / "mine.py").write_text(READS)
        (folder / "mine.py").write_text(READS + f"# {numbers}")  # a module of its own
        return code.built_of({str(tmp_path / "mine.py"): load_user_file(folder / "mine.py").device, "ideal": None})

    before = made("1e-6,1")
    (name,) = before
    assert name == f"what {tmp_path / 'mine.py'} makes"
    assert made("1e-6,1") == before
    with pytest.raises(RunError, match=r"what .*mine\.py makes has changed since the run began"):
        code.check_same(before, made(changed))
