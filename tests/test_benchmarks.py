"""The benchmarks run, on a small scale, and report what they say they do."""

import json
import runpy
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from insitu.kernels.threads import cores

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(autouse=True)
def _beside_each_other(monkeypatch):
    """A benchmark imports what stands in its folder, as it does when it is run as a script."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def _run(monkeypatch, name: str, *options: str) -> None:
    monkeypatch.setattr(sys, "argv", [name, *options])
    runpy.run_path(str(BENCHMARKS / f"{name}.py"), run_name="__main__")


def _load(name: str) -> SimpleNamespace:
    return SimpleNamespace(**runpy.run_path(str(BENCHMARKS / f"{name}.py")))


def test_speed_without_a_peer_says_how_to_get_one(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, "bindsnet", None)  # as if it were not installed
    _run(monkeypatch, "shi2018_speed", "--quick", "--repeats", "1", "--warm", "--json", str(tmp_path / "speed.json"))
    found = json.loads((tmp_path / "speed.json").read_text())
    for name in ("soft-pruned", "unpruned"):
        run = found[name]
        assert run["images"] == 1437
        assert run["images_per_second"] == pytest.approx(run["images"] / run["seconds"])
        assert run["ns_per_pulse"] == pytest.approx(1e9 * run["seconds"] / run["pulses"])
    assert found["unpruned"]["pulses"] == 1437 * 8 * 450  # one pulse a weight of the neuron that fires
    assert 50 < found["peak_megabytes"] < 5000
    assert found["first_ever_seconds"] is None
    assert 0 < found["later_seconds"] < 300
    assert "pip install 'insitu[bench]'" in capsys.readouterr().out


def test_a_peer_is_measured_on_the_same_images(monkeypatch):
    import time

    speed, shown, threads = _load("shi2018_speed"), [], []

    class Network:
        def __init__(self, n_inpt, n_neurons, **_):
            assert (n_inpt, n_neurons) == (9, 20)

        def run(self, inputs, time):
            shown.append((inputs["X"], time))

        def reset_state_variables(self):
            return None

    class Spikes(np.ndarray):
        def float(self):
            return self.astype(float)

        def view(self, *shape):
            return self.reshape(shape) if isinstance(shape[0], int) else np.ndarray.view(self, *shape)

    def poisson(rates, time, dt):
        return np.ones((time, rates.size)).view(Spikes) * rates[0]

    torch = ModuleType("torch")
    torch.manual_seed, torch.set_num_threads = lambda seed: None, threads.append
    torch.from_numpy = lambda array: array.view(Spikes)
    packages = {
        "torch": torch,
        "bindsnet": ModuleType("bindsnet"),
        "bindsnet.encoding": ModuleType("bindsnet.encoding"),
    }
    packages["bindsnet.encoding"].poisson = poisson
    packages["bindsnet.models"] = ModuleType("bindsnet.models")
    packages["bindsnet.models"].DiehlAndCook2015 = Network
    for name, module in packages.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr("importlib.metadata.version", lambda name: "1.2")
    images = np.full((10, 9), 255, np.uint8) - np.arange(10, dtype=np.uint8)[:, None]
    began = time.perf_counter()
    found = speed.peer(SimpleNamespace(train_images=images), 20, 5)
    assert found["images"] == 5
    assert found["version"] == "1.2"
    assert found["images_per_second"] > 5 / (time.perf_counter() - began)
    assert threads == sorted({1, cores()}) == list(found["threads"])
    assert found["images_per_second"] == max(run["images_per_second"] for run in found["threads"].values())
    assert len(shown) == 7 * len(threads)  # two to warm up
    assert shown[3][0].shape == (250, 1, 9)
    assert float(shown[3][0][0, 0, 0]) == pytest.approx(252 / 255 * 128)


@pytest.mark.slow
def test_the_floor_lists_every_piece(monkeypatch, tmp_path, capsys):
    _run(monkeypatch, "kernel_floor", "--repeats", "1", "--json", str(tmp_path / "floor.json"))
    found = json.loads((tmp_path / "floor.json").read_text())
    assert all(rate > 0 for rate in found["best"].values())
    shown = capsys.readouterr().out
    for piece in found["pieces"]:
        assert piece["measured_ns"] > 0
        assert piece["floor_ns"] > 0
        assert piece["name"] in shown
    assert {"Philox4x32-10", "whole pulse, c2c and d2d", "drive"} <= {piece["name"] for piece in found["pieces"]}


def test_activity_differences_are_timed_with_or_without_a_peer(monkeypatch, tmp_path, capsys):
    _run(monkeypatch, "yi2022_speed", "--quick", "--json", str(tmp_path / "speed.json"))
    found = json.loads((tmp_path / "speed.json").read_text())
    assert all(found[f"{name}_seconds"] > 0 for name in ("words", "ideal_epoch", "noisy_epoch", "pulses_epoch"))
    said = capsys.readouterr().out
    assert "pip install torch" in said if "peer" in found else found["ratio"] > 0


def test_the_perceptron_is_timed_beside_numpy(monkeypatch, tmp_path, capsys):
    for name in ("torch", "aihwkit"):
        monkeypatch.setitem(sys.modules, name, None)  # as if it were not installed
    options = ("--quick", "--peer-images", "40", "--json", str(tmp_path / "speed.json"))
    _run(monkeypatch, "cristiano2018_speed", *options)
    found = json.loads((tmp_path / "speed.json").read_text())
    run = found["insitu"]
    assert len(run["epochs"]) == 2
    assert run["images_per_second"] == pytest.approx(2 * 1437 / run["seconds"])
    assert found["NumPy"]["ratio"] == pytest.approx(run["images_per_second"] / found["NumPy"]["images_per_second"])
    assert "pip install torch" in capsys.readouterr().out


@pytest.mark.slow
def test_fits_are_timed(monkeypatch, tmp_path, capsys):
    _run(monkeypatch, "fit_speed", "--quick", "--json", str(tmp_path / "speed.json"))
    found = json.loads((tmp_path / "speed.json").read_text())
    assert found["ratio"] == pytest.approx(found["filter_ns_per_pulse"] / found["filter_ns_per_pulse_of_sixteen"])
    assert found["one_device_pulses"] == 200
    assert found["devices_pulses"] == 600
    assert found["one_device_seconds"] > 0
    assert "at once" in capsys.readouterr().out


@pytest.mark.slow
def test_a_misfit_is_said():
    misfits = _load("fit_misfits")
    falls, steady = misfits.fitted("falls-again"), misfits.fitted("jumps")
    assert any("no law that was tried fits" in one for one in falls.sentences)
    assert not any("no law that was tried fits" in one for one in steady.sentences)
    assert any("heavy tails" in one for one in steady.sentences)


@pytest.mark.slow
def test_errors_of_fits_are_compared_with_the_truth(monkeypatch, tmp_path, capsys):
    _run(monkeypatch, "fit_coverage", "--seeds", "1", "--json", str(tmp_path / "coverage.json"))
    found = json.loads((tmp_path / "coverage.json").read_text())
    noises = ("constant", "in proportion", "both", "Student t", "strays", "telegraph")
    assert set(found) == {f"{a}, {b}" for a in ("linear", "exponential") for b in noises}
    assert all(row["numbers"] >= 5 and 0 <= row["within_one"] <= row["within_two"] <= 1 for row in found.values())
    assert "within one error" in capsys.readouterr().out


@pytest.mark.slow
def test_tiles_are_solved_beside_others(monkeypatch, tmp_path):
    _run(monkeypatch, "wires_speed", "--quick", "--json", str(tmp_path / "speed.json"))
    found = json.loads((tmp_path / "speed.json").read_text())
    for solved in found["solutions"].values():
        assert solved["insitu"] < solved["sparse LU"]
        assert solved["sparse LU, largest difference"] < 1e-9


def test_the_systems_are_timed_through_wires_and_converters(monkeypatch, tmp_path):
    _run(monkeypatch, "chip_speed", "--quick", "--json", str(tmp_path / "speed.json"))
    found = json.loads((tmp_path / "speed.json").read_text())
    assert set(found) == {"shi2018", "yi2022", "cristiano2018"}
    for ratios in found.values():
        assert len(ratios) == 5
        assert ratios["ideal"] == 1
        assert min(ratios.values()) > 0


def test_convolutions_are_timed_beside_their_products(monkeypatch, tmp_path, capsys):
    _run(monkeypatch, "convolution_speed", "--quick", "--json", str(tmp_path / "speed.json"))
    found = json.loads((tmp_path / "speed.json").read_text())
    assert found["images"] == 32
    said = capsys.readouterr().out
    for name, seconds in found["seconds"].items():
        floor = found["relaxing_floor_seconds" if name.startswith("relaxing") else "floor_seconds"]
        assert found["ratio"][name] == pytest.approx(seconds / floor)
        assert f"{name}: " in said
    assert found["patches"].keys() == {"learn", "listen"}
    assert said.count("spiking patches, ") == 2


@pytest.mark.slow
def test_the_law_that_made_the_pulses_is_looked_for_among_all(monkeypatch, tmp_path, capsys):
    _run(monkeypatch, "fit_choice", "--seeds", "1", "--law", "constant", "--json", str(tmp_path / "laws.json"))
    found = json.loads((tmp_path / "laws.json").read_text())["constant"]
    assert sum(found["chosen"].values()) == 1
    assert found["wrong_and_matters"] == (found["largest"] > 0.3)
    assert capsys.readouterr().out.startswith("constant: chosen ")
