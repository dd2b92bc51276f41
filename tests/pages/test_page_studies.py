"""The page of a ladder, of requirements and of a plain sweep."""

import base64
import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pytest
from test_page import Reader

from insitu import pages
from insitu.errors import InsituError
from insitu.reports.study_figures import draw_ladder

ABOUT = {
    "recipe": "cristiano2018",
    "overrides": ["training.epochs=2"],
    "seeds": [0, 1],
    "dataset": {"name": "mnist", "sha256": "0123456789abcdef"},
    "versions": {"insitu": "0.1.0"},
    "failed": [],
}
LADDER = [
    {"rung": "floating point", "seeds": 2, "mean": 0.98, "sd": 0.001, "difference": 0.0, "difference_sd": 0.0},
    {"rung": "all", "seeds": 2, "mean": 0.97, "sd": 0.002, "difference": -0.01, "difference_sd": 0.003},
    {"rung": "PCM <alone>", "seeds": 1, "mean": 0.5, "sd": None, "difference": -0.48, "difference_sd": None},
]
NEEDS = [{"factor": "LSP.c2c", "property": "6 noise", "unit": "cv", "says": "1.2 (1 to 1.5)", "tolerance": 1.2}]


def study(folder: Path, files, **about) -> Path:
    folder.mkdir()
    for name, content in {"sweep": ABOUT | about, **files}.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    return folder


def read(folder: Path) -> Reader:
    return Reader(pages.report([folder]).read_text(encoding="utf-8"))


def test_a_ladder(tmp_path):
    folder = study(tmp_path / "ladder", {"ladder": LADDER})
    draw_ladder({"float": [0.98], "all": [0.97]}, folder / "ladder.png", title="t", xlabel="x")
    shown = read(folder)
    assert (folder / "report.html").is_file()
    assert shown.row("all") == ["all", "2", "97.00", "0.20", "−1.00", "0.30"]
    assert shown.row("PCM <alone>") == ["PCM <alone>", "1", "50.00", "–", "−48.00", "–"]
    assert (
        "−1.00 ± 0.30 points to floating point" in shown.text.partition("Rung")[0]
    )  # the whole system, not the last rung
    assert "cristiano2018 on MNIST: from an ideal network to the whole system" in shown.text
    assert shown.all("img")[0]["src"].startswith("data:image/svg+xml")
    assert "@article{cristiano2018," in shown.text


def test_requirements(tmp_path):
    shown = read(study(tmp_path / "r", {"requirements": NEEDS}, limit=0.003, reference="floating point"))
    assert shown.row("LSP.c2c") == ["LSP.c2c", "6 noise", "1.2 (1 to 1.5)", "cv"]
    assert "Where 0.3 points are lost against floating point" in shown.text


def test_a_sweep_has_table_and_curve(tmp_path):
    rows = [
        {"training.rate": rate, "seed": seed, "accuracy": 0.9 + rate + seed / 100}
        for rate in (0.01, 0.02)
        for seed in (0, 1)
    ]
    shown = read(study(tmp_path / "s", {"rows": rows}, vary={"training.rate": [0.01, 0.02]}))
    assert shown.row("0.01") == ["0.01", "2", "91.50 ± 0.71 %"]
    assert len(shown.all("img")) == 1
    joined = read(study(tmp_path / "j", {"rows": [r | {"transfer.every": 8} for r in rows]},
                        vary={"training.rate+transfer.every": [[0.01, 8], [0.02, 8]]}))  # fmt: skip
    assert joined.row("0.01") == ["0.01", "8", "2", "91.50 ± 0.71 %"]
    assert not joined.all("img")


@pytest.mark.parametrize("trial", [True, False, None])
def test_a_trial_is_told_to_be_one(tmp_path, trial):
    known = {} if trial is None else {"trial": trial}  # an older insitu did not say
    shown = read(study(tmp_path / "r", {"requirements": NEEDS}, limit=0.003, reference="floating point", **known))
    assert ("A trial: its network and data are small" in shown.text) is bool(trial)


TOLD = {
    "title": "Where energy goes",
    "sentences": ["Arrays <win>."],
    "tables": [
        {
            "title": "By level",
            "columns": ["Level", "Energy", "GPU"],
            "words": ["Level"],
            "text": [["a-1", "2 uJ", "1e9"]],
        }
    ],
}


def test_a_claim_on_energy(tmp_path):
    folder = tmp_path / "e"
    study(folder, {"energy": TOLD})
    (folder / "sweep.json").unlink()
    with pytest.raises(InsituError, match=r"holds no sweep\.json"):
        pages.report([folder])
    study(folder / "cristiano2018", {})
    shown = read(folder)
    assert shown.row("a-1") == ["a-1", "2 µJ", "1 × 10⁹"]
    assert "Where energy goes" in shown.text
    assert "Arrays <win>." in shown.text
    (folder / "energy.json").write_text(json.dumps(TOLD | {"tables": [{"title": "By level", "columns": []}]}))
    with pytest.raises(InsituError, match="a row is not made of title, columns, text"):
        pages.report([folder])
    (folder / "energy.json").write_text(json.dumps(TOLD | {"tables": [TOLD["tables"][0] | {"text": [["a"]]}]}))
    with pytest.raises(InsituError, match="a line of a table has not one text a column"):
        pages.report([folder])


def test_a_league_has_a_table_that_sorts_and_its_policy_lets_that_script_run_alone(tmp_path):
    row = {
        **{
            "system": "cristiano2018",
            "device": "yi2022-taox",
            "scheme": "tiki-taka",
            "mean": 0.9,
            "sd": 0.01,
            "seeds": 2,
        },
        **{
            "learns": True,
            "front": True,
            "missing": "",
            "tuned": "",
            "command": "insitu league yi2022-taox --trials 0",
        },
        **dict.fromkeys(("ideal", "held_back_stands", "held_back_best"), 0.95),
        **dict.fromkeys(("pulses", "reads", "digital_ops", "kept", "writes"), 12),
        **{key + end: 1e-6 for key in ("energy", "seconds", "trainings") for end in ("", "_low", "_high")},
    }
    refused = {"system": "cristiano2018", "device": "<d>", "scheme": "write-verify", "why": "no steps"}
    told = {"title": "League on digits", "sentences": ["<d>: no system"], "rows": [row], "refused": [refused]}
    folder = study(tmp_path / "l", {"league": told})
    (folder / "sweep.json").unlink()
    study(folder / "cristiano2018", {}, recipe="cristiano2018", overrides=[])
    shown = read(folder)
    assert shown.row("cristiano2018")[:4] == ["cristiano2018", "yi2022-taox", "tiki-taka", "90.00 ± 1.00 %"]
    assert shown.row("cristiano2018")[-1] == row["command"]
    assert "<d>: no system" in shown.text
    html = (folder / "report.html").read_text()
    assert 'data-value="1e-06"' in html
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in html
    assert "gokmen2021" in html  # the scheme of an entry
    (folder / "league.json").write_text(json.dumps(told | {"rows": [row | {"energy": "much"}]}))
    with pytest.raises(InsituError, match="a row is not made of"):
        pages.report([folder])
    (folder / "league.json").write_text(json.dumps(told | {"rows": []}))
    assert "<script" not in pages.report([folder]).read_text()


def test_points_that_failed_are_told(tmp_path):
    shown = read(study(tmp_path / "f", {"ladder": LADDER}, failed=[{"rung": "all", "seed": 1, "error": "too <large>"}]))
    assert shown.row("rung = all, seed = 1") == ["rung = all, seed = 1", "too <large>"]


@pytest.mark.parametrize(
    ("files", "about", "words"),
    [
        ({"ladder": [{"rung": "float"}]}, {}, r"ladder\.json: damaged, a row is not made of rung"),
        ({"ladder": {"rung": 1}}, {}, "not a list of rows"),
        ({"ladder": LADDER}, {"dataset": "mnist"}, r"sweep\.json: damaged"),
        ({}, {}, r"rows\.json: not found"),
    ],
)
def test_a_damaged_study_is_one_sentence(tmp_path, files, about, words):
    with pytest.raises(InsituError, match=words):
        pages.report([study(tmp_path / "bad", files, **about)])
    assert not (tmp_path / "bad/report.html").exists()


def test_a_study_that_has_not_ended(tmp_path):
    (tmp_path / "half/points").mkdir(parents=True)
    with pytest.raises(InsituError, match="the study is not finished"):
        pages.report([tmp_path / "half"])


def test_a_study_beside_a_run(tmp_path):
    from page_runs import make_run

    folder = study(tmp_path / "ladder", {"ladder": LADDER})
    shown = Reader(pages.report([make_run(tmp_path, "cristiano2018").path, folder], tmp_path / "p.html").read_text())
    assert shown.row("all")[1] == "2"
    assert shown.row("test images named correctly")[1] == "98.00 %"
    assert np.sum([tag == "main" for tag, _ in shown.found]) == 1
