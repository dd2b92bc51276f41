import io
import sys
from pathlib import Path

import pytest
from rich.console import Console

sys.path.insert(0, str(Path(__file__).parent / "datasets"))

from idx_files import write_folder

from insitu import doctor
from insitu.datasets import mirrors


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path):
    monkeypatch.delenv("INSITU_DATA", raising=False)
    monkeypatch.setenv("INSITU_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(mirrors, "reachable", lambda *_: [])


def _shown(findings) -> str:
    text = io.StringIO()
    doctor.show(findings, Console(file=text, width=120))
    return text.getvalue()


def test_without_anything_the_embedded_digits_are_used():
    findings = doctor.examine()
    assert [place["found"] for place in findings["datasets"]] == [False, False, False, True]
    assert [place["detail"] for place in findings["datasets"]][0::2] == ["not set", "no mirror answers within 3 s"]
    assert findings["threads"]["cores"] >= 1
    assert findings["kernel_cache"]["writable"]
    assert "A run without --data-dir uses: embedded digits" in _shown(findings)


def test_a_mirror_that_answers_is_named(monkeypatch):
    monkeypatch.setattr(mirrors, "reachable", lambda *_: ["https://mirror.example/"])
    findings = doctor.examine()
    assert findings["datasets"][2]["detail"].startswith("https://mirror.example/ answers")
    assert "A run without --data-dir uses: a download" in _shown(findings)


def test_the_variable_is_examined(monkeypatch, tmp_path):
    monkeypatch.setenv("INSITU_DATA", str(write_folder(tmp_path / "data")))
    findings = doctor.examine()
    assert findings["datasets"][0]["found"]
    assert "not MNIST itself" in findings["datasets"][0]["detail"]
    assert "uses: the folder in INSITU_DATA" in _shown(findings)
    monkeypatch.setenv("INSITU_DATA", str(tmp_path / "nothing"))
    assert "A run without --data-dir stops: INSITU_DATA is set" in _shown(doctor.examine())


def test_a_kernel_cache_that_cannot_be_made_is_said(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("INSITU_CACHE", str(tmp_path / "file"))
    findings = doctor.examine()
    assert not findings["kernel_cache"]["writable"]
    assert "Kernel cache" in _shown(findings)
    assert "not usable" in _shown(findings)


def test_missing_libraries_and_thread_limits_are_said(monkeypatch):
    monkeypatch.setenv("NUMBA_NUM_THREADS", "1")
    findings = doctor.examine()
    assert findings["threads"]["limit"] == 1
    shown = _shown(findings | {"versions": {"insitu": "0.1.0", "numba": None}})
    assert "not installed: pip install numba" in shown
    assert "limited to 1 by NUMBA_NUM_THREADS" in shown
