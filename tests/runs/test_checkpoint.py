import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insitu.errors import InputError, RunError
from insitu.runs import RunFolder, load_checkpoint, save_checkpoint

ARRAYS = {"weights": np.linspace(-1, 1, 7).reshape(7, 1), "writes": np.arange(5, dtype=np.uint32), "epoch": np.array(2)}
META = {"image": 1200, "metrics": [{"accuracy": 0.5}], "name": "ü"}


def test_every_bit_comes_back(tmp_path):
    folder = RunFolder(tmp_path)
    assert load_checkpoint(folder) is None
    save_checkpoint(folder, ARRAYS, META)
    arrays, meta = load_checkpoint(folder)
    assert meta == META
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert (arrays[name].dtype, arrays[name].shape) == (array.dtype, array.shape)
        assert arrays[name].tobytes() == array.tobytes()


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_no_damage_goes_unseen(tmp_path_factory, data):
    folder = RunFolder(tmp_path_factory.mktemp("run"))
    save_checkpoint(folder, ARRAYS, META)
    path = folder.path / "checkpoint.bin"
    whole = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    else:
        del whole[data.draw(st.integers(0, len(whole) - 1)) :]
    path.write_bytes(whole)
    with pytest.raises(RunError, match=r"checkpoint\.bin"):
        load_checkpoint(folder)
    assert path.read_bytes() == bytes(whole)


def test_that_of_another_run_is_refused(tmp_path):
    one, other = (
        RunFolder.create(tmp_path, name, {"seed": seed}, {"seed": seed}) for seed, name in enumerate(("one", "other"))
    )
    save_checkpoint(one, ARRAYS, META)
    assert load_checkpoint(one)[1] == META
    (other.path / "checkpoint.bin").write_bytes((one.path / "checkpoint.bin").read_bytes())
    with pytest.raises(RunError, match=r"checkpoint\.bin: is of another run"):
        load_checkpoint(other)


def test_a_newer_format_is_refused(tmp_path):
    folder = RunFolder(tmp_path)
    save_checkpoint(folder, ARRAYS, META)
    path = tmp_path / "checkpoint.bin"
    path.write_bytes(path.read_bytes().replace(b"checkpoint 1 ", b"checkpoint 2 ", 1))
    with pytest.raises(RunError, match="format 2, but this insitu reads 1"):
        load_checkpoint(folder)


def test_a_failed_write_keeps_the_previous_one(tmp_path, monkeypatch):
    folder = RunFolder(tmp_path)
    save_checkpoint(folder, ARRAYS, META)

    def full(_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(RunError, match="disk is full"):
            save_checkpoint(folder, {"weights": np.zeros(3)}, {})
    assert load_checkpoint(folder)[1] == META


def test_the_name_of_the_meta_data_is_taken(tmp_path):
    with pytest.raises(InputError, match="not a usable name"):
        save_checkpoint(RunFolder(tmp_path), {"meta.json": np.zeros(1)}, {})


WRITER = """
import sys
from pathlib import Path
import numpy as np
from insitu.runs import RunFolder, save_checkpoint
folder = RunFolder(Path(sys.argv[1]))
for step in range(1, 10**6):
    save_checkpoint(folder, {"state": np.full(50_000, step)}, {"step": step})
"""


@pytest.mark.parametrize("delay", [0.0, 0.013, 0.031])
def test_kill_at_any_moment_leaves_a_whole_checkpoint(tmp_path, delay):
    folder = RunFolder(tmp_path)
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)])
    while (found := load_checkpoint(folder)) is None or found[1]["step"] < 3:
        assert writer.poll() is None
        time.sleep(0.01)
    time.sleep(delay)
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    arrays, meta = load_checkpoint(folder)
    assert meta["step"] >= found[1]["step"]
    assert np.all(arrays["state"] == meta["step"])
