"""Run folders of any content end in a value or in one sentence, whatever is done with them: shown, priced, resumed."""

import json
import random
import shutil
import sys
import time
import tomllib
from pathlib import Path

import pytest

sys.path[:0] = [
    str(Path(__file__).parent),
    *(str(Path(__file__).parents[1] / name) for name in ("datasets", "recipes", "pages")),
]

from idx_files import write_folder  # noqa: E402
from mutations import other_arrays  # noqa: E402
from outcomes import TIMES, attacked, outcome  # noqa: E402
from page_runs import make_run  # noqa: E402
from systems import ROUNDS, SYSTEMS, digits_folder, kill  # noqa: E402

from insitu import pages, terminal  # noqa: E402
from insitu.recipes import registry  # noqa: E402
from insitu.recipes.running import resumed_job  # noqa: E402
from insitu.runs import RunFolder, load_checkpoint  # noqa: E402
from insitu.runs.pricing import price  # noqa: E402
from insitu.studies.opened import open_run  # noqa: E402
from insitu.studies.run import resume, run  # noqa: E402

RECIPES = ("shi2018", "yi2022", "cristiano2018")
PARSE = {".json": json.loads, ".toml": tomllib.loads}


def _use(folder: Path) -> None:
    opened, console = open_run(folder), terminal.console(stderr=True, quiet=True)
    for show in (repr, lambda one: one._repr_html_(), lambda one: one.as_dict(), lambda one: one.show(console)):
        show(opened)


def _prepare(folder: Path) -> None:
    """Do what comes before a run goes on."""
    resumed_job(RunFolder.open(folder))
    load_checkpoint(RunFolder.open(folder))


SHOWN = {"open": _use, "page": lambda folder: pages.report([str(folder)], folder / "page.html", ())}
USES = SHOWN | {"price": lambda folder: price(str(folder)), "model": lambda folder: open_run(folder).model}
SLOW = ("page", "model", "to the end")


def _attack(name: str, folder: Path, file: str, uses: dict, times: int = TIMES) -> None:
    """Change one file of a folder, for each use anew; put the old one back."""
    path = folder / file
    content = path.read_bytes()
    table = PARSE.get(path.suffix, lambda _: None)(content.decode(errors="replace"))
    for use, do in uses.items():
        few = times // (8 if use in SLOW else 4)
        attacked(f"{name} {file} {use}", content, lambda do=do: do(folder), path, table, path.suffix[1:], few)
    path.write_bytes(content)


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("file", ["manifest.json", "recipe.toml", "result.json", "metrics.jsonl"])
def test_run_folders(recipe, file, tmp_path, monkeypatch):
    monkeypatch.setenv("INSITU_DATA", str(write_folder(tmp_path / "data")))
    folder = make_run(tmp_path, recipe, name="one").path
    (folder / "metrics.jsonl").write_text('{"images": 10, "accuracy": 0.5}\n{"images": 20, "accuracy": 0.7}\n')
    _attack(recipe, folder, file, SHOWN)


@pytest.mark.skipif(not ROUNDS, reason="trains first; INSITU_ATTACK=1 does")
@pytest.mark.parametrize("recipe", RECIPES)
def test_run_folders_of_trained_networks(recipe, tmp_path, monkeypatch):
    monkeypatch.setenv("INSITU_DATA", str(digits_folder(tmp_path)))
    SYSTEMS[recipe].finish(tmp_path)
    folder = RunFolder.open(tmp_path / SYSTEMS[recipe].folder)
    for use, do in USES.items():  # so that what is refused is refused for what is changed
        assert outcome(lambda do=do: do(folder.path)) == "", use
    for file in ("manifest.json", "recipe.toml", "result.json", "metrics.jsonl", "arrays.npz"):
        _attack(f"trained {recipe}", folder.path, file, USES)
    chance, arrays, refused = random.Random(recipe), folder.read_npz("arrays.npz"), 0
    for use in ("model", "page"):
        for _ in range(TIMES // 4):
            folder.write_npz("arrays.npz", other_arrays(chance, arrays))
            refused += bool(outcome(lambda use=use: USES[use](folder.path)))
    print(f"trained {recipe} other arrays: {TIMES // 4 * 2} changed files, {refused} refused")


def test_run_folders_of_a_small_stopped_run(tmp_path, monkeypatch):
    monkeypatch.setenv("INSITU_DATA", str(write_folder(tmp_path / "data")))
    monkeypatch.setitem(registry.RECIPES, "tiny", "tiny_recipe.tiny")
    run("tiny", set={"steps": 2}, out=tmp_path, name="one", quiet=True)
    folder = tmp_path / "one"
    (folder / "result.json").unlink()

    def to_the_end(folder: Path) -> None:
        resume(folder, quiet=True)
        (folder / "result.json").unlink()

    for file in ("manifest.json", "checkpoint.bin", "metrics.jsonl"):
        _attack("tiny", folder, file, {"resume": to_the_end})
    _attack("tiny", folder, "recipe.toml", {"resume": _prepare})  # one that is taken may ask for any length


def _stopped(recipe: str, where: Path) -> Path:
    """Return the folder of a run that was killed at its first checkpoint."""
    where.mkdir()
    folder = where / SYSTEMS[recipe].folder
    process = SYSTEMS[recipe].process(where)
    while not (folder / "checkpoint.bin").exists():
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.005)
    kill(process, 0, whole_group=True)
    assert not (folder / "result.json").exists()
    return folder


@pytest.mark.skipif(not ROUNDS, reason="trains first; INSITU_ATTACK=1 does")
@pytest.mark.parametrize("recipe", RECIPES)
def test_run_folders_of_stopped_runs(recipe, tmp_path, monkeypatch):
    monkeypatch.setenv("INSITU_DATA", str(digits_folder(tmp_path)))
    folder = _stopped(recipe, tmp_path / "stopped")
    assert outcome(lambda: _prepare(folder)) == ""
    for file in ("manifest.json", "recipe.toml", "metrics.jsonl", "checkpoint.bin"):
        _attack(f"stopped {recipe}", folder, file, {"resume": _prepare})

    def to_the_end(folder: Path) -> None:
        copy = shutil.copytree(folder, tmp_path / "copy", dirs_exist_ok=True)
        try:
            resume(copy, quiet=True)
        finally:
            shutil.rmtree(copy)

    for file in ("manifest.json", "metrics.jsonl"):  # a recipe that is taken may ask for any length
        _attack(f"stopped {recipe}", folder, file, {"to the end": to_the_end}, times=TIMES // 10)
