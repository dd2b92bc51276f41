"""Points on a Dask cluster: the same bits, files of the user's travel with them, and what dies loses and doubles nothing."""

import gc
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

RECIPES = Path(__file__).parents[1] / "recipes"
sys.path.insert(0, str(RECIPES))

distributed = pytest.importorskip("distributed")

from insitu.datasets import load_digits  # noqa: E402
from insitu.devices.library import load  # noqa: E402
from insitu.errors import InputError, RunError  # noqa: E402
from insitu.recipes import registry  # noqa: E402
from insitu.studies import cluster, parcel, sweep  # noqa: E402
from insitu.studies.point import Point  # noqa: E402

DIGITS = load_digits()
VARY = {"learning.rate": [0.25, 0.5], "steps": [2, 3]}


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    monkeypatch.setitem(registry.RECIPES, "tiny", "tiny_recipe.tiny")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(RECIPES), os.environ.get("PYTHONPATH", "")]))


def swept(out, vary=VARY, **how):
    alone = {} if "cluster" in how else {"workers": 1}
    return sweep("tiny", vary, dataset=DIGITS, out=out, quiet=True, **{"seeds": 2, **alone, **how})


@pytest.fixture
def in_process():
    """A cluster in this very process, which starts at once."""
    how = {"processes": False, "n_workers": 1, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**how) as started, distributed.Client(started) as client:
        yield client


def test_a_cluster_gives_the_rows_of_one_process_and_each_point_is_kept_by_the_client(in_process, tmp_path):
    here = swept(tmp_path / "here")
    there = swept(tmp_path / "there", cluster=cluster.Cluster(in_process))
    assert there.rows == here.rows
    names = [sorted(path.name for path in (tmp_path / where / "points").iterdir()) for where in ("here", "there")]
    assert names[0] == names[1]
    assert len(names[0]) == 8


def test_a_point_that_fails_there_is_told_here_and_loses_no_other(in_process, tmp_path):
    vary = {"steps": [2], "trouble": ["none", "input", "bug"]}
    found = swept(tmp_path, vary, cluster=cluster.Cluster(in_process), set=["trouble_seed=1"])
    assert len(found.rows) == 4
    wanted = swept(tmp_path / "here", vary, set=["trouble_seed=1"])
    assert [one["error"] for one in found.failed] == [one["error"] for one in wanted.failed]
    assert [type(one) for one in found.errors] == [type(one) for one in wanted.errors]


HELPER = "STEP = {step}\n"
DEVICE = """
import dataclasses, insitu, helper
device = dataclasses.replace(insitu.load("ideal"), step_up=helper.STEP)
"""


def test_files_of_the_users_travel_with_what_they_import_and_leave_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    seen = []

    def run_point(point):
        device = point.table["lsp"]["device"]
        seen.append(device)
        return {"result": {"usage": [{"device": device}], "step": load(device).device.step_up}}

    monkeypatch.setattr(parcel, "run_point", run_point)
    (tmp_path / "mine.py").write_text(DEVICE)
    file, loaded = str(tmp_path / "mine.py"), {*sys.modules}
    for step in (2e-8, 3e-8):  # what is imported has changed, and not the file itself
        (tmp_path / "helper.py").write_text(HELPER.format(step=step))
        point = Point("tiny", "tiny_recipe.tiny", {"seed": 0, "lsp": {"device": file}}, DIGITS, {}, tmp_path)
        sent = parcel.packed(point)
        (tmp_path / "helper.py").unlink()  # as on another machine
        assert parcel.run_parcel(sent, DIGITS) == {"result": {"usage": [{"device": file}], "step": step}}
        assert sent.point.dataset is None
    assert file not in seen
    assert not any(Path(path).exists() for path in seen)
    assert not {name for name in {*sys.modules} - loaded if name == "helper" or name.startswith("insitu_user_")}


def test_other_versions_are_refused_with_both_named():
    point = Point("tiny", "tiny_recipe.tiny", {"seed": 0}, DIGITS, {}, Path())
    sent = parcel.packed(point)
    other = replace(sent, versions={**sent.versions, "numpy": "1.2.3"})
    with pytest.raises(InputError, match=rf"numpy {sent.versions['numpy']}, the client 1\.2\.3; install the same"):
        parcel.run_parcel(other, DIGITS)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "127.0.0.1:9", "nowhere", "http://127.0.0.1:9"])
def test_a_scheduler_that_does_not_answer_is_one_sentence(address, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 0.3)
    with pytest.raises(InputError, match=f"no scheduler answers at {address} within 0.3 s"):
        swept(tmp_path, cluster=address)
    # collected while another starts it would wait for ever
    assert not any(type(one) is distributed.Client for one in gc.get_objects())


def test_workers_of_several_threads_are_refused(tmp_path):
    how = {"processes": False, "n_workers": 1, "threads_per_worker": 2, "dashboard_address": None}
    with (
        distributed.LocalCluster(**how, protocol="tcp") as started,
        pytest.raises(InputError, match="has 2 threads; start workers of one, with --nthreads 1"),
    ):
        swept(tmp_path, cluster=started.scheduler_address)


def kept_within(folder: Path, count: int, seconds: float = 60) -> None:
    """Wait until so many points are kept."""
    end = time.monotonic() + seconds
    while len(list(folder.glob("points/*.json"))) < count:
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.slow
def test_workers_that_are_killed_at_random_lose_and_double_nothing(tmp_path):
    vary, pauses, chance = {"steps": list(range(20, 50))}, ["pause=0.02"], random.Random(16)
    wanted = swept(tmp_path / "here", vary, set=pauses)
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as started:
        killed = []

        def kill():
            while len(killed) < 3:
                kept_within(tmp_path / "there", 10 * len(killed) + 5)
                worker = chance.choice([*started.workers.values()])
                killed.append(worker.process.pid)
                os.kill(worker.process.pid, signal.SIGKILL)
                time.sleep(1)

        thread = threading.Thread(target=kill)
        thread.start()
        found = swept(tmp_path / "there", vary, set=pauses, cluster=started.scheduler_address)
        thread.join()
    assert len(killed) == 3
    assert found.rows == wanted.rows
    assert not found.failed
    assert len(list((tmp_path / "there/points").iterdir())) == 60


@pytest.mark.slow
def test_after_the_scheduler_is_lost_the_same_call_does_the_rest(tmp_path):
    vary, pauses = {"steps": list(range(20, 40))}, ["pause=0.05"]
    wanted = swept(tmp_path / "here", vary, set=pauses)
    code = "import sys; from distributed.cli.{} import main; main()"
    run = [sys.executable, "-c"]
    first = subprocess.Popen([*run, code.format("dask_scheduler"), "--port", "0", "--no-dashboard", "--scheduler-file",
                              str(tmp_path / "s.json")])  # fmt: skip
    while not (tmp_path / "s.json").exists():
        time.sleep(0.05)
    address = json.loads((tmp_path / "s.json").read_text())["address"]
    worker = subprocess.Popen(
        [*run, code.format("dask_worker"), address, "--nthreads", "1", "--no-dashboard", "--death-timeout", "60"]
    )

    def kill():
        try:
            kept_within(tmp_path / "there", 5)
        finally:
            first.kill()

    thread = threading.Thread(target=kill)
    thread.start()
    with pytest.raises(RunError, match="scheduler was lost"):
        swept(tmp_path / "there", vary, set=pauses, cluster=address)
    thread.join()
    worker.terminate()
    worker.wait()
    first.wait()
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "there/points").iterdir()}
    assert 5 <= len(kept) < 40
    found = swept(tmp_path / "there", vary, set=pauses, cluster="local")
    assert found.rows == wanted.rows
    assert all(path.stat().st_mtime_ns == when for path, when in kept.items())
