import os
import subprocess
import sys
import time

import pytest

from insitu.errors import InputError, RunError
from insitu.recipes.workers import run_all, run_here


def square(n: int) -> dict[str, int]:
    return {"square": n * n, "pid": os.getpid(), "threads": int(os.environ["NUMBA_NUM_THREADS"])}


def refuse_odd(n: int) -> dict[str, int]:
    if n % 2:
        raise InputError(f"{n} is odd")
    return {"n": n}


def die_at_two(n: int) -> dict[str, int]:
    if n == 2:
        time.sleep(1)
        os._exit(9)
    return {"n": n}


def test_results_come_in_order_from_other_processes(monkeypatch):
    monkeypatch.delenv("NUMBA_NUM_THREADS", raising=False)
    seen = []
    outcomes = run_all(square, [3, 1, 2], workers=2, threads=1, done=lambda job, outcome: seen.append((job, outcome)))
    assert [outcome["square"] for outcome in outcomes] == [9, 1, 4]
    assert os.getpid() not in {outcome["pid"] for outcome in outcomes}
    assert {outcome["threads"] for outcome in outcomes} == {1}
    assert sorted(job for job, _ in seen) == [1, 2, 3]


def test_a_failure_loses_nothing_else():
    outcomes = run_all(refuse_odd, [0, 1, 2, 3], workers=2, threads=1)
    assert outcomes[0] == {"n": 0}
    assert outcomes[2] == {"n": 2}
    assert isinstance(outcomes[1], InputError)
    assert str(outcomes[3]) == "3 is odd"


def test_a_killed_process_is_a_sentence_and_loses_nothing_else():
    ended = []
    jobs = [0, 1, 2, 3, 4, 5]
    outcomes = run_all(die_at_two, jobs, workers=2, threads=1, done=lambda job, _: ended.append(job))
    assert [outcomes[n] for n in (0, 1, 3, 4, 5)] == [{"n": n} for n in (0, 1, 3, 4, 5)]
    assert isinstance(outcomes[2], RunError)
    assert "a worker process was killed" in str(outcomes[2])
    assert sorted(ended) == jobs  # each once


def test_one_after_the_other_in_this_process():
    seen = []
    outcomes = run_here(refuse_odd, [0, 1, 2], done=lambda job, outcome: seen.append((job, outcome)))
    assert outcomes == [{"n": 0}, outcomes[1], {"n": 2}]
    assert isinstance(outcomes[1], InputError)
    assert seen == list(zip([0, 1, 2], outcomes, strict=True))


PARENT = """
import os, time
from pathlib import Path
from test_workers import report_and_wait
from insitu.recipes.workers import run_all
run_all(report_and_wait, [FOLDER], workers=1, threads=1)
"""


def report_and_wait(folder: str) -> dict[str, int]:
    with open(os.path.join(folder, "pid.tmp"), "w") as file:
        file.write(str(os.getpid()))
    os.replace(os.path.join(folder, "pid.tmp"), os.path.join(folder, "pid"))
    time.sleep(60)
    return {}


def _alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().split()[2] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="needs /proc")
@pytest.mark.parametrize("kill", ["SIGKILL", "SIGINT"])
def test_workers_end_with_their_parent(tmp_path, kill):
    import signal

    code = PARENT.replace("FOLDER", repr(str(tmp_path)))
    path = os.pathsep.join([os.path.dirname(__file__), os.environ.get("PYTHONPATH", "")])
    parent = subprocess.Popen([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": path}, stderr=-3)
    while not (tmp_path / "pid").exists():
        assert parent.poll() is None
        time.sleep(0.02)
    worker = int((tmp_path / "pid").read_text())
    assert _alive(worker)
    parent.send_signal(getattr(signal, kill))
    parent.wait(10)
    for _ in range(250):
        if not _alive(worker):
            break
        time.sleep(0.02)
    assert not _alive(worker)
