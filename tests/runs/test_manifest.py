import json

import pytest

from insitu import __version__
from insitu.datasets import load_digits
from insitu.errors import RunError
from insitu.kernels.threads import cores
from insitu.random import STREAM_VERSION
from insitu.runs import manifest, new_manifest
from insitu.runs.manifest import check_resumable, versions

DIGITS = load_digits()


def test_it_says_what_one_needs_to_repeat_a_run(monkeypatch):
    monkeypatch.setattr("sys.argv", ["insitu", "run", "tiny"])
    record = new_manifest("tiny", 7, DIGITS, data_dir="/data")
    assert record["recipe"] == "tiny"
    assert record["seed"] == 7
    assert record["dataset"]["name"] == "digits"
    assert record["dataset"]["sha256"] == DIGITS.sha256
    assert record["dataset"]["data_dir"] == "/data"
    assert record["random_stream"] == STREAM_VERSION
    assert record["versions"]["insitu"] == __version__
    assert {"python", "numpy", "numba", "scipy", "scikit-learn"} <= record["versions"].keys()
    assert record["argv"] == ["insitu", "run", "tiny"]
    assert record["cores"] == cores() >= 1
    assert json.loads(json.dumps(record)) == record


def test_a_library_that_is_missing_is_none(monkeypatch):
    monkeypatch.setattr(manifest, "LIBRARIES", ("numpy", "surely-not-installed"))
    assert versions()["surely-not-installed"] is None


def test_only_the_same_data_and_stream_can_be_resumed():
    record = new_manifest("tiny", 7, DIGITS)
    check_resumable(record, DIGITS)
    with pytest.raises(RunError, match="drew random stream 0"):
        check_resumable(record | {"random_stream": 0}, DIGITS)
    other = record | {"dataset": {"name": "mnist", "sha256": "f" * 64}}
    with pytest.raises(RunError, match=r"used the data set mnist \(ffffffffffff\), but the one found now is digits"):
        check_resumable(other, DIGITS)
