import json
import statistics
from dataclasses import replace

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from insitu.datasets import load_digits
from insitu.devices.library import load
from insitu.errors import InputError, RunError
from insitu.recipes import registry
from insitu.recipes.running import Job, device_override, execute, new_jobs, resumed_job, summary
from insitu.runs import RunFolder

NUMBERS = st.just(0.0) | st.floats(1e-100, 1e6) | st.floats(-1e6, -1e-100)  # squares of smaller ones are 0


@pytest.fixture
def _tiny(monkeypatch, tmp_path):
    monkeypatch.setitem(registry.RECIPES, "tiny", "tiny_recipe.tiny")
    monkeypatch.setattr("insitu.datasets.find", lambda _: load_digits())
    monkeypatch.chdir(tmp_path)


def _run(seed: int, **values) -> dict:
    return {"recipe": "tiny", "seed": seed, "dataset": "digits", "run": f"runs/{seed}", **values}


@given(st.lists(st.tuples(NUMBERS, st.integers(0, 10**12)), min_size=2, max_size=6))
def test_mean_and_sample_standard_deviation(rows):
    runs = [_run(i, accuracy=a, pulses=p) for i, (a, p) in enumerate(rows)]
    found = summary("tiny", runs, range(len(runs)))
    for key, column in (("accuracy", [a for a, _ in rows]), ("pulses", [p for _, p in rows])):
        scale = max(1e-9 * max(map(abs, column)), 1e-150)  # the square of what is less is 0
        assert found["mean"][key] == pytest.approx(statistics.fmean(column), abs=scale)
        assert found["sd"][key] == pytest.approx(statistics.stdev(column), abs=scale)
    assert found["runs"] == runs
    assert found["failed"] == []


def test_only_numbers_that_all_runs_have_are_averaged():
    runs = [_run(0, a=1, b=2.0, ok=True, gone=None, word="x"), _run(1, a=2, ok=False, gone=1.0, word="y")]
    found = summary("tiny", [*runs, RunError("full")], [0, 1, 2])
    assert found["mean"] == {"a": 1.5}
    assert found["failed"] == [{"seed": 2, "error": "full"}]
    json.dumps(found, allow_nan=False)


@pytest.mark.usefixtures("_tiny")
def test_jobs_are_one_folder_a_seed(tmp_path):
    said = []
    jobs = new_jobs("tiny", out=tmp_path / "runs", seed=3, seeds=2, overrides=["steps=2"], announce=said.append)
    assert [job.seed for job in jobs] == [3, 4]
    assert said == [load_digits().note]
    for job in jobs:
        assert job.folder.read_toml("recipe.toml") == job.table
        assert job.table["steps"] == 2
    assert len({job.folder.path for job in jobs}) == 2


@pytest.mark.usefixtures("_tiny")
@pytest.mark.parametrize("wrong", [{"overrides": ["stops=3"]}, {"seed": -1}, {"seed": 2**64 - 1, "seeds": 2}])
def test_nothing_is_written_before_everything_is_checked(tmp_path, wrong):
    with pytest.raises(InputError):
        new_jobs("tiny", out=tmp_path / "runs", **wrong)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("_tiny")
def test_one_taken_name_among_several_leaves_no_new_folder(tmp_path):
    (taken,) = new_jobs("tiny", out=tmp_path, name="many-s1")
    with pytest.raises(RunError, match="many-s1: exists already"):
        new_jobs("tiny", out=tmp_path, name="many", seeds=3)
    assert list(tmp_path.iterdir()) == [taken.folder.path]


@pytest.mark.usefixtures("_tiny")
def test_a_resumed_job_is_the_job_that_began(tmp_path):
    (job,) = new_jobs("tiny", out=tmp_path / "runs", overrides=["learning.threshold=off"])
    again = resumed_job(job.folder)
    assert again.resume
    assert (again.recipe, again.module, again.table) == (job.recipe, job.module, job.table)
    assert again.dataset.sha256 == job.dataset.sha256


@pytest.mark.usefixtures("_tiny")
def test_a_recipe_that_is_gone_or_damaged_cannot_be_resumed(tmp_path, monkeypatch):
    (job,) = new_jobs("tiny", out=tmp_path / "runs")
    (job.folder.path / "recipe.toml").write_text(tomli_w.dumps(job.table | {"steps": "many"}))
    with pytest.raises(InputError, match='steps: got "many"'):
        resumed_job(RunFolder.open(job.folder.path))
    monkeypatch.delitem(registry.RECIPES, "tiny")
    with pytest.raises(InputError, match="unknown name 'tiny'"):
        resumed_job(job.folder)


@pytest.mark.usefixtures("_tiny")
def test_the_command_line_has_the_last_word_on_seed_and_data(tmp_path):
    (job,) = new_jobs("tiny", out=tmp_path / "runs", seed=9)
    result = execute(job, Console(quiet=True))  # the recipe itself returns a seed of -1
    assert result["seed"] == 9
    assert result["dataset"] == "digits"
    assert job.folder.result == result
    assert isinstance(job, Job)


def test_device_override(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text("")
    (tmp_path / "ideal").write_text("not a device")
    assert device_override("shi2018", "mine.py") == f"array.device={json.dumps(str(tmp_path / 'mine.py'))}"
    assert device_override("shi2018", "ideal") == 'array.device="ideal"'
    (tmp_path / "😀.py").write_text("")
    assert device_override("shi2018", "😀.py") == f'array.device="{tmp_path}/😀.py"'
    assert device_override("shi2018", "7") == 'array.device="7"'
    assert device_override("cristiano2018", "ideal") == 'lsp.device="ideal"'
    assert device_override("shi2018", tmp_path / "mine.py") == device_override("shi2018", "mine.py")
    assert device_override("shi2018", load("ideal").device) == 'array.device="ideal"'
    unknown = replace(load("ideal").device, g_max=2e-4)
    for wrong, words in ((unknown, "that is not in the library"), (3, "got 3; allowed is str or PathLike or Device")):
        with pytest.raises(InputError, match=f"^device: .*{words}"):
            device_override("shi2018", wrong)


@pytest.mark.usefixtures("_tiny")
def test_a_page_that_cannot_be_written_takes_nothing_from_the_run(tmp_path, capsys):
    def refuse(_):
        raise OSError("no space left")

    (job,) = new_jobs("tiny", out=tmp_path / "runs", overrides=["steps=2"])
    result = execute(job, Console(stderr=True), refuse)
    assert job.folder.result == result
    assert "no page was written (no space left)" in capsys.readouterr().err
