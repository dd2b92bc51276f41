"""The command line as a user meets it, on a recipe made for tests and a small data folder."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from metrics import metrics_of
from refusing import refused

HERE = Path(__file__).parents[1]
sys.path[:0] = [str(HERE / "datasets"), str(HERE / "recipes")]

from idx_files import write_folder  # noqa: E402

from insitu import __version__  # noqa: E402
from insitu.cli import main  # noqa: E402
from insitu.devices import library  # noqa: E402
from insitu.ledger import costset  # noqa: E402
from insitu.recipes import registry  # noqa: E402
from insitu.runs import RunFolder  # noqa: E402

#: the command line in another process, with the recipe of the tests known to it
PROGRAM = "from insitu.recipes import registry; registry.RECIPES['tiny'] = 'tiny_recipe.tiny'\n"
PROGRAM += "from insitu.cli import main; main()"


@pytest.fixture
def insitu(command, monkeypatch, tmp_path):
    """Return the command line, with what these tests want around it."""
    monkeypatch.setitem(registry.RECIPES, "tiny", "tiny_recipe.tiny")
    monkeypatch.setenv("INSITU_DATA", str(write_folder(tmp_path / "data")))
    monkeypatch.setenv("INSITU_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "100")
    return command


def _environment(tmp_path: Path) -> dict[str, str]:
    path = os.pathsep.join([str(HERE / "recipes"), os.environ.get("PYTHONPATH", "")])
    data = str(write_folder(tmp_path / "data"))
    return os.environ | {"PYTHONPATH": path, "INSITU_DATA": data, "INSITU_CACHE": str(tmp_path / "cache")}


def _start(tmp_path: Path, *arguments: str) -> subprocess.Popen:
    command = [sys.executable, "-c", PROGRAM, *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=tmp_path, env=_environment(tmp_path), **pipes)


def _state(run: str | Path) -> bytes:
    return RunFolder.open(run).read_npz("arrays.npz")["state"].tobytes()


def test_no_character_that_a_terminal_lacks_ends_a_command(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text(
        (costset._FOLDER / "metal-cbram.toml").read_text(encoding="utf-8").replace('summary = "', 'summary = "± '),
        encoding="utf-8",
    )
    shown = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", shown)
    monkeypatch.setattr(sys, "argv", ["insitu", "costs", "mine.toml"])
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code
    shown.seek(0)
    assert "mine: \\xb1 CBRAM" in shown.read()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_output_and_a_long_name_are_sentences(insitu, monkeypatch, capsys):
    assert insitu("price", "x" * 300)[0] == 2
    code, _, err = insitu("run", "tiny", "--name", "x" * 300)
    assert code == 2
    assert "cannot be written (File name too long)" in err
    with open("/dev/full", "w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        monkeypatch.setattr(sys, "argv", ["insitu", "recipes"])
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == 2
    assert capsys.readouterr().err == "error: output: No space left on device\n"


def test_help_is_quick_because_nothing_heavy_is_imported():
    code = "import sys, insitu.cli as c\nassert not set(sys.modules) & set(sys.argv[1].split(',')), 'on import'\n"
    code += "sys.argv[:] = ['insitu', '--help']\ntry: c.main()\nexcept SystemExit: pass\n"
    heavy = "numpy,numba,scipy,sklearn,pandas,pydantic,matplotlib,pooch,requests,rich.progress"
    code += f"found = set(sys.modules) & set('{heavy}'.split(','))\nassert not found, found\n"
    done = subprocess.run([sys.executable, "-c", code, heavy], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Usage: insitu" in done.stdout
    for command in ("run", "recipes", "devices", "doctor"):
        assert command in done.stdout


def test_version_and_no_command(insitu):
    assert insitu("--version") == (0, f"insitu {__version__}\n", "")
    code, out, err = insitu()
    assert (code, err) == (0, "")
    assert "Usage: insitu" in out


def test_a_run_prints_one_json_object_and_leaves_a_folder(insitu, tmp_path):
    code, out, err = insitu("run", "tiny", "--seed", "3", "--set", "steps=4", "--json")
    assert code == 0
    result = json.loads(out)
    folder = RunFolder.open(result["run"])
    assert folder.path.parent == Path("runs")
    assert folder.path.name.startswith("tiny-2")
    assert folder.path.name.endswith("-s3")
    state = folder.read_npz("arrays.npz")["state"]
    assert result == {
        "recipe": "tiny",
        "seed": 3,
        "dataset": "idx",
        "accuracy": state.mean() / 255,
        "pulses_up": 4000,
        "run": str(folder.path),
    }
    assert folder.result == result
    assert "Data: images in MNIST's file format" in err.splitlines()[0]
    assert "chatter on standard output" in err
    assert folder.read_toml("recipe.toml")["steps"] == 4
    assert len(metrics_of(folder)) == 4
    manifest = folder.manifest
    assert manifest["seed"] == 3
    assert manifest["dataset"]["data_dir"] == str(tmp_path / "data")
    assert manifest["argv"][1:3] == ["run", "tiny"]


def test_without_json_a_newcomer_gets_a_table(insitu):
    code, out, _ = insitu("run", "tiny", "--name", "first")
    assert code == 0
    assert "tiny on idx, seed 0" in out
    assert "accuracy" in out
    assert "%" in out
    assert "5,000" in out
    assert "Figures: runs/first/figures (1)" in out
    assert "Everything else: runs/first" in out


def test_equal_seeds_give_equal_bits_and_others_do_not(insitu):
    runs = [json.loads(insitu("run", "tiny", "--seed", seed, "--json")[1])["run"] for seed in ("1", "1", "2")]
    assert len(set(runs)) == 3
    assert _state(runs[0]) == _state(runs[1]) != _state(runs[2])


def test_device_names_stay_and_files_become_full_paths(insitu, tmp_path):
    (tmp_path / "mine.py").write_text("")
    for given, kept in (("mine.py", str(tmp_path / "mine.py")), ("ideal", "ideal"), ('a"b', 'a"b')):
        run = json.loads(insitu("run", "tiny", "--device", given, "--json")[1])["run"]
        assert RunFolder.open(run).read_toml("recipe.toml")["array"]["device"] == kept


@pytest.mark.parametrize("workers", ["1", "2"])
def test_seeds_give_mean_and_spread(insitu, workers):
    code, out, err = insitu("run", "tiny", "--seeds", "3", "--workers", workers, "--seed", "5", "--json")
    assert code == 0
    found = json.loads(out)
    assert found["recipe"] == "tiny"
    assert [run["seed"] for run in found["runs"]] == [5, 6, 7]
    accuracy = [run["accuracy"] for run in found["runs"]]
    assert found["mean"]["accuracy"] == pytest.approx(np.mean(accuracy))
    assert found["sd"]["accuracy"] == pytest.approx(np.std(accuracy, ddof=1))
    assert found["mean"].keys() == found["sd"].keys() == {"accuracy", "pulses_up"}
    assert found["failed"] == []
    assert "Seed 6 finished" in err
    alone = json.loads(insitu("run", "tiny", "--seed", "6", "--json")[1])
    assert _state(alone["run"]) == _state(found["runs"][1]["run"])


def test_standard_output_is_one_object_even_with_talkative_workers(tmp_path):
    out, err = _start(tmp_path, "run", "tiny", "--seeds", "2", "--workers", "2", "--json").communicate(timeout=60)
    assert [run["seed"] for run in json.loads(out)["runs"]] == [0, 1]
    assert err.count("chatter on standard output") == 2


def test_one_seed_has_no_spread(insitu):
    code, out, _ = insitu("run", "tiny", "--seeds", "1", "--json")
    assert code == 0
    assert json.loads(out)["sd"] == {"accuracy": None, "pulses_up": None}
    code, out, _ = insitu("run", "tiny", "--seeds", "1", "--name", "one")
    assert "tiny on idx, seed 0" in out
    assert "runs/one" in out


@pytest.mark.parametrize("trouble", ["late input", "bug", pytest.param("death", marks=pytest.mark.slow)])
def test_a_failing_seed_loses_no_finished_one(insitu, trouble):
    wishes = ("--set", f"trouble={trouble}", "--set", "trouble_seed=2", "--set", "pause=0.1", "--name", "many")
    code, out, err = insitu("run", "tiny", "--seeds", "3", "--workers", "2", *wishes, "--json")
    assert code == 2
    found = json.loads(out)
    assert [run["seed"] for run in found["runs"]] == [0, 1]
    assert [failed["seed"] for failed in found["failed"]] == [2]
    assert RunFolder.open("many-s0", Path("runs")).result["seed"] == 0
    assert err.splitlines()[-1].startswith("error: 1 of 3 seeds failed; seed 2: ")
    assert ("ZeroDivisionError" in err) == (trouble == "bug")


def test_when_all_seeds_fail_there_is_one_sentence_and_no_object(insitu):
    code, out, err = insitu("run", "tiny", "--seeds", "1", "--set", "trouble=input", "--json")
    assert (code, out) == (2, "")
    assert err.splitlines()[-1] == "error: neurons: too many for this array"
    assert list(Path("runs").iterdir()) == []


BAD = [
    (["run"], "which recipe?"),
    (["run", "tny"], "did you mean 'tiny'"),
    (["run", "tiny", "--seed", "1.5"], "--seed"),
    (["run", "tiny", "--seed", "-1"], "seed: got -1; it must be at least 0"),
    (["run", "tiny", "--seeds", "0"], "--seeds"),
    (["run", "tiny", "--seeds", "many"], "--seeds"),
    (["run", "tiny", "--sed", "1"], "No such option"),
    (["run", "tiny", "--set", "steps"], "write it as key=value"),
    (["run", "tiny", "--set", "stepps=3"], "did you mean 'steps'?"),
    (["run", "tiny", "--set", "learning.rate=2"], "learning.rate: got 2; it must be at most 1"),
    (["run", "tiny", "--name", "../away"], "it stays inside runs"),
    (["run", "tiny", "--name", "a\nb", "--data-dir", "nowhere"], "--name: got 'a\\nb'; a run name is one line"),
    (["run", "tiny", "--name", "a\x1bb"], "--name: got 'a\\x1bb'"),
    (["run", "tiny", "--trust"], "--trust: has an effect with --resume alone"),
    (["run", "tiny", "--workers", "2"], "--workers: got 2, but a single run is one process"),
    (["run", "tiny", "--seed", "1", "--seed=1"], "--seed: is given 2 times"),
    (["sweep", "tiny", "--vary", "steps=2", "--jobs", "1", "--workers", "2"], "--workers: is given 2 times"),
    (["run", "--resume", "x", "--workers", "2"], "--workers cannot be given too"),
    (["run", "tiny", "--data-dir", "nowhere"], "no such folder"),
    (["run", "tiny", "--set", "trouble=input"], "neurons: too many for this array"),
    (["run", "tiny", "--set", "trouble=full"], "figure.png: cannot be written, the disk is full"),
    (["run", "tiny", "--out", "data/train-images-idx3-ubyte.gz"], "cannot be written"),
    (["run", "--resume", "nothing"], "no such run folder"),
    (["run", "--resume", "data"], "not a run folder"),
    (["run", "--resume", "x", "--seeds", "2", "--set", "steps=3"], "--seeds and --set cannot be given too"),
    (["recipes", "tiney"], "did you mean 'tiny'"),
    (["devices", "idael"], "did you mean 'ideal'"),
    (["devices", "--plot", "a.png"], "--plot: of which device?"),
    (["devices", "--seed", "3"], "--seed: got 3, but it is that of a simulated measurement"),
    (["devices", "ideal", "--seed", "3"], "--seed: got 3, but it is that of a simulated measurement"),
    (["devices", "ideal", "--plot", "a.xyz"], "--plot: got a.xyz; allowed are names that end in .png or .svg"),
    (["frobnicate"], "No such command"),
]


@pytest.mark.parametrize(("arguments", "words"), BAD, ids=[" ".join(arguments) for arguments, _ in BAD])
def test_bad_input_is_one_line_and_exit_code_2(insitu, arguments, words):
    refused(insitu(*arguments), words)


def test_refused_settings_leave_no_folder_behind(insitu):
    insitu("run", "tiny", "--set", "trouble=input", "--name", "mine")
    assert not Path("runs/mine").exists()
    assert insitu("run", "tiny", "--name", "mine")[0] == 0
    code, _, err = insitu("run", "tiny", "--name", "mine")
    assert code == 2
    assert "exists already" in err


def test_a_finished_run_shows_its_result_again(insitu):
    first = json.loads(insitu("run", "tiny", "--name", "mine", "--json")[1])
    code, out, err = insitu("run", "--resume", "mine", "--json")
    assert code == 0
    assert json.loads(out) == first
    assert "is finished; this is its result" in err
    assert insitu("run", "--resume", "mine", "--data-dir", "data")[0] == 0
    refused(insitu("run", "--resume", "mine", "--data-dir", "nowhere"), "nowhere: no such folder")
    refused(insitu("run", "--resume", "mine", "--data", "nowhere.csv"), "nowhere.csv")
    refused(insitu("run", "--resume", "mine", "--data", "digits"), "but the one found now is digits")


def test_a_name_that_is_taken_is_told_before_data_is_looked_for(insitu):
    insitu("run", "tiny", "--name", "b ä")
    taken = ["--name", "b ä", "--data-dir", "nowhere"]
    refused(insitu("run", "tiny", *taken), "exists already", "--resume 'runs/b ä'")
    Path("runs/b ä").rename("runs/b ä-s1")
    refused(insitu("run", "tiny", "--seeds", "2", *taken), "b ä-s1: exists already")


def test_what_conflicts_with_the_resumed_run_is_refused(insitu):
    insitu("run", "tiny", "--name", "mine", "--seed", "4")
    for arguments, words in (
        (["tiny", "--seed", "5"], "was started with --seed 4, not 5"),
        (["shi2018"], "was started with recipe tiny, not shi2018"),
        (["--name", "yours"], "--name cannot be given too"),
    ):
        code, out, err = insitu("run", *arguments, "--resume", "mine")
        assert (code, out) == (2, "")
        assert words in err
    assert insitu("run", "tiny", "--seed", "4", "--resume", "mine")[0] == 0


def test_resume_wants_the_same_data_and_an_intact_checkpoint(insitu, tmp_path):
    insitu("run", "tiny", "--name", "mine", "--set", "trouble=late input")
    other = write_folder(tmp_path / "other", [np.zeros((12, 4, 4)), np.zeros(12), np.zeros((3, 4, 4)), np.zeros(3)])
    code, _, err = insitu("run", "--resume", "mine", "--data-dir", str(other))
    assert code == 2
    assert "but the one found now is idx" in err
    checkpoint = Path("runs/mine/checkpoint.bin")
    checkpoint.write_bytes(checkpoint.read_bytes()[:-1])
    before = {path.name: path.read_bytes() for path in Path("runs/mine").iterdir() if path.is_file()}
    code, _, err = insitu("run", "--resume", "mine")
    assert code == 2
    assert "checkpoint.bin: damaged, its checksum is wrong" in err
    assert before == {path.name: path.read_bytes() for path in Path("runs/mine").iterdir() if path.is_file()}


def test_a_run_on_the_embedded_digits_is_resumed_on_them(insitu, monkeypatch, tmp_path):
    from insitu.datasets import mirrors

    monkeypatch.delenv("INSITU_DATA")
    monkeypatch.setattr(mirrors, "reachable", lambda *_: [])
    _, _, err = insitu("run", "tiny", "--name", "mine", "--set", "trouble=late input")
    assert err.startswith("Data: MNIST was not found, because")
    monkeypatch.setenv("INSITU_DATA", str(tmp_path / "data"))  # what turns up later does not change the run
    recipe = Path("runs/mine/recipe.toml")
    recipe.write_text(recipe.read_text().replace("late input", "none"))
    code, out, _ = insitu("run", "--resume", "mine", "--json")
    assert code == 0
    assert json.loads(out)["dataset"] == "digits"


def test_recipes_are_listed_and_printed_with_comments(insitu, monkeypatch):
    monkeypatch.setattr(registry, "RECIPES", {"tiny": "tiny_recipe.tiny"})
    code, out, _ = insitu("recipes")
    assert code == 0
    assert "tiny" in out
    assert "a running mean of images" in out
    assert insitu("recipes", "tiny")[1] == (HERE / "recipes/tiny_recipe/tiny.toml").read_text()


def test_devices_are_listed(insitu):
    code, out, _ = insitu("devices")
    assert code == 0
    lines = [line.strip() for line in out.splitlines()]
    for kind, group in library.groups().items():
        place = lines.index(kind)
        for name in group:
            assert name in [line.split()[0] for line in lines[place + 1 :] if line], name


def test_a_device_is_shown_with_units_origin_source_validity_and_picture(insitu, tmp_path):
    code, out, _ = insitu("devices", "shi2018-cbram", "--plot", "pictures/pulses.png")
    assert code == 0
    for words in ("g_max", "7 uS", "ours", "stated", "Source: Shi et al.", "Valid: ", "pictures/pulses.png"):
        assert words in out
    assert (tmp_path / "pictures/pulses.png").read_bytes().startswith(b"\x89PNG")


def test_a_device_is_measured_and_drawn_at_once(insitu):
    sentence = refused(insitu("devices", "ideal", "--pulses", "nowhere/p.csv"), "nowhere/p.csv: cannot be written")
    assert "--out" not in sentence  # it has no such option
    code, out, _ = insitu("devices", "ideal", "--pulses", "p q.csv", "--plot", "a.svg")
    assert code == 0
    assert "insitu fit 'p q.csv'" in out
    assert Path("p q.csv").read_text().startswith("# simulated by insitu")
    assert "<svg" in Path("a.svg").read_text()


def test_the_doctor_has_something_to_say(insitu):
    code, out, _ = insitu("doctor")
    assert code == 0
    assert __version__ in out
    code, out, _ = insitu("doctor", "--json")
    assert code == 0
    assert json.loads(out)["versions"]["insitu"] == __version__
