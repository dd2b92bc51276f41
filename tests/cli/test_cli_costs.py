"""The commands price, costs and energy as a user types them."""

import json
import shutil

import pytest
from refusing import refused
from undrawn import undrawn

from insitu.ledger import costset

TINY = [
    *("--set", "two_layer.updates=3", "--set", "one_layer.updates=3", "--set", "data.examples=5"),
    *("--set", "data.flips=[0.1]", "--json"),
]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """One finished run, made once; tests copy it."""
    from rich.console import Console

    from insitu.recipes.running import execute, new_jobs

    out = tmp_path_factory.mktemp("runs")
    sets = [TINY[i + 1] for i in range(0, len(TINY) - 1, 2)]
    (job,) = new_jobs("yi2022", out=out, name="tiny", overrides=sets)
    with pytest.MonkeyPatch.context() as patch:
        undrawn(patch)
        execute(job, Console(quiet=True))
    return job.folder.path


@pytest.fixture
def run(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "tiny")


def changed(run, **values):
    path = run / "result.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))
    return str(run)


def test_a_run_is_priced_without_running_it_again(command, run):
    code, out, _ = command("price", str(run), "--json")
    assert code == 0
    (one,) = json.loads(out)["runs"]
    assert one["costs"] == ["oxide-rram", "periphery-28nm"]
    assert 0 < one["energy"]["low"] < one["energy"]["value"] < one["energy"]["high"]
    assert sum(amount["value"] for amount in one["by_group"].values()) == pytest.approx(one["energy"]["value"])
    lines = [line for line in one["lines"] if line["phase"] == "learning"]
    assert sum(line["energy"]["value"] for line in lines) == pytest.approx(one["energy"]["value"])
    code, out, _ = command("price", str(run), "--costs", "metal-cbram", "--costs", "gpu-h100", "--json")
    (other,) = json.loads(out)["runs"]
    assert other["costs"] == ["metal-cbram", "periphery-28nm"]
    assert list(other["computers"]) == ["gpu-h100", "gpu-h100, batches of 128"]
    assert other["energy"] != one["energy"]


def test_the_counts_of_the_accounts_are_those_of_the_ledger(run):
    """What each array did, in reading, writing and verifying, adds up to what the run counted."""
    result = json.loads((run / "result.json").read_text())
    for network, prefix in (("two_layer", "two"), ("one_layer", "one")):
        for phase, counts in result["ledger"][network].items():
            mine = [u for u in result["usage"] if u["part"].startswith(prefix) and u["phase"] == phase]
            assert {name: sum(u["counts"].get(name, 0) for u in mine) for name in counts} == counts


def test_tables_are_for_people(command, run):
    code, out, _ = command("price", str(run), "--lines")
    assert code == 0
    for word in ("converters", "row-serial", "gpu-a100", "pulse_up", "Area of the cells alone"):
        assert word in out
    code, out, _ = command("price", str(run), "--costs", "agsi-jo2010")
    assert "not modelled" in out


def test_cost_sets_are_listed_and_shown(command):
    code, out, _ = command("costs")
    assert code == 0
    assert all(name[:12] in out for name in costset.names())
    code, out, _ = command("costs", "capacitor-3t1c")
    assert code == 0
    assert "Not modelled: " in out
    assert "endurance" in out.split("Not modelled: ")[1]


def test_a_group_that_nothing_prices_is_not_said_to_cost_nothing(command, run, tmp_path):
    number = 'value=0\nunit="pJ"\nnode="n"\ntag="ours"\nsource="me"\n'
    (tmp_path / "zero.toml").write_text(
        f'summary="x"\nkind="memory"\ncovers="x"\n[coefficients.pulse_up]\n{number}[coefficients.pulse_down]\n{number}'
    )
    code, out, err = command("price", str(run), "--costs", "zero.toml")
    assert code == 0, err
    table = [line.strip() for line in out.split("Time of learning")[0].splitlines()]
    (read,) = [line for line in table if line.startswith("cells read")]
    (written,) = [line for line in table if line.startswith("cells programmed")]
    assert "not modelled" in read
    assert "%" not in read
    assert "0 J" in written


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--costs", "fefett"], ["did you mean 'fefet'"]),
        (["--costs", "missing.toml"], ["missing.toml", "cannot be read"]),
        (["--costs", "pcm", "--costs", "fefet"], ["both price yi2022-taox"]),
        (["--costs", "bad.toml"], ["bad.toml", "source", "missing"]),
        (["--costs", "unit.toml"], ["unit.toml", "expected is J"]),
        (["--costs", "quoted.toml"], ['read.value: got "1"; it must be a valid number, without quotes']),
        (["--half-select", "V/2", "--half-select", "V/3"], ["--half-select: is given 2 times"]),
    ],
)
def test_bad_costs_are_one_sentence(command, run, tmp_path, arguments, words):
    text = 'summary="x"\nkind="memory"\ncovers="x"\n[coefficients.read]\nvalue=1\nnode="n"\ntag="ours"\n'
    (tmp_path / "bad.toml").write_text(text + 'unit="J"\n')
    (tmp_path / "unit.toml").write_text(text + 'unit="V"\nsource="me"\n')
    (tmp_path / "quoted.toml").write_text(text.replace("value=1", 'value="1"') + 'unit="J"\nsource="me"\n')
    refused(command("price", str(run), *arguments), *words)


def test_what_is_no_finished_run_is_one_sentence(command, run, tmp_path):
    (tmp_path / "empty").mkdir()
    half = shutil.copytree(run, tmp_path / "half")
    (half / "result.json").unlink()
    newer = shutil.copytree(run, tmp_path / "newer")
    manifest = json.loads((newer / "manifest.json").read_text())
    (newer / "manifest.json").write_text(json.dumps(manifest | {"format": 99}))
    older = shutil.copytree(run, tmp_path / "older")
    result = json.loads((older / "result.json").read_text())
    (older / "result.json").write_text(json.dumps({k: v for k, v in result.items() if k != "usage"}))
    for given, word in (
        ("nowhere", "no such run folder"),
        (str(tmp_path / "empty"), "not a run folder"),
        (str(half), "not finished"),
        (str(newer), "newer insitu"),
        (str(older), "older insitu"),
        (changed(run, usage=[{"part": 1}]), "damaged"),
    ):
        code, _, err = command("price", given)
        assert code == 2
        assert word in err
        assert len(err.splitlines()) == 1


@pytest.mark.slow
def test_a_claim_is_told_and_goes_on_where_it_stopped(command, tmp_path):
    out = tmp_path / "claim"
    arguments = ("energy", "cristiano2018", "--quick", "--seeds", "1", "--workers", "1", "--out", str(out))
    code, shown, err = command(*arguments)
    assert code == 0, err
    assert "28,065" in shown
    record = json.loads((out / "energy.json").read_text())
    assert [len(table["rows"]) > 0 for table in record["tables"]] == [True] * 3
    assert (out / "energy.png").stat().st_size > 10_000
    code, shown, err = command(*arguments, "--json")
    assert "nothing is left to do" in err
    assert json.loads(shown) == record


def test_an_unknown_cost_set_is_refused_before_anything_runs(command, tmp_path):
    code, _, err = command("energy", "cristiano2018", "--quick", "--costs", "pmc", "--out", str(tmp_path / "none"))
    assert code == 2
    assert "did you mean 'pcm'" in err
    assert not (tmp_path / "none").exists()


def test_an_unknown_claim_is_one_sentence(command):
    code, _, err = command("energy", "shi", "--quick")
    assert code == 2
    assert "did you mean 'shi2018'" in err
