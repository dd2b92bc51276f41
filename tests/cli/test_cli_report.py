"""``insitu report`` as a user meets it."""

import sys
from pathlib import Path

import pytest
from refusing import refused

sys.path.insert(0, str(Path(__file__).parents[1] / "pages"))

from page_runs import make_run


@pytest.fixture
def insitu(command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    return command


def test_one_run_has_its_page_in_its_folder(insitu, tmp_path):
    folder = make_run(tmp_path / "runs")
    code, out, err = insitu("report", str(folder.path))
    assert (code, err) == (0, "")
    assert out == f"Page: {folder.path / 'report.html'}\n"
    assert (folder.path / "report.html").read_text().startswith("<!doctype html>")


def test_a_bare_name_is_looked_for_in_runs(insitu, tmp_path):
    make_run(tmp_path / "runs", name="mine")
    assert insitu("report", "mine")[1] == "Page: runs/mine/report.html\n"


def test_several_runs_have_one_page_here_or_where_asked(insitu, tmp_path):
    runs = [str(make_run(tmp_path / "runs", seed=seed).path) for seed in (0, 1)]
    assert insitu("report", *runs)[1] == "Page: report.html\n"
    assert insitu("report", *runs, "--out", "new/page.html")[1] == "Page: new/page.html\n"
    assert Path("report.html").read_bytes() == Path("new/page.html").read_bytes()


def _unfinished(tmp_path):
    folder = make_run(tmp_path / "runs", name="half")
    (folder.path / "result.json").unlink()
    return ["runs/half"]


def _with_costs(tmp_path):
    from insitu.ledger import costset

    known = costset.names()[0]
    run = make_run(tmp_path / "runs", usage=[], wear=[], work={})
    return [str(run.path), "--costs", f"{known}x"]


BAD = [
    (_with_costs, "did you mean"),
    (lambda _: [], "Missing argument"),
    (lambda _: ["nowhere"], "nowhere: no such run folder"),
    (lambda tmp_path: [str(tmp_path)], "not a run folder"),
    (_unfinished, "the run is not finished, it has no result.json; go on with: insitu run --resume runs/half"),
]


@pytest.mark.parametrize(("arguments", "words"), BAD)
def test_bad_input_is_one_line_and_exit_code_2(insitu, tmp_path, arguments, words):
    refused(insitu("report", *arguments(tmp_path)), words)
    assert not Path("report.html").exists()
