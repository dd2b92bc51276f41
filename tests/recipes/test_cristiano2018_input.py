"""What the third system refuses, and what it warns of."""

import json
import warnings

import numpy as np
import pytest
from refusing import refused

from insitu.arrays.closed_loop import ClosedLoop
from insitu.cells import MultiConductance, Significance
from insitu.datasets import Dataset, load_digits
from insitu.devices.library import load
from insitu.errors import InputError
from insitu.learning.backprop import Neurons
from insitu.networks.crossbar_classifier import CrossbarClassifier
from insitu.networks.perceptron import Perceptron
from insitu.networks.twin import float_twin
from insitu.recipes import cristiano2018, registry
from insitu.schemes import BlindPulses, Transfer

SMALL = ("--set", "training.epochs=1", "--set", "network.hidden=[16]", "--set", "training.twin=false", "--json")
BAD = [
    (["network.hidden=[0]"], ["layers", "got 0", "at least 1"]),
    (["network.hidden=[16, -3]"], ["layers", "got -3"]),
    (["network.hidden=[2.5]"], ["network.hidden", "2.5"]),
    (["network.function=relo"], ["network.function", "relo"]),
    (["network.segments=0"], ["segments", "got 0"]),
    (["chip.output_noise=-1"], ["chip.output_noise", "-1"]),
    (["training.rate=nan"], ["training.rate", "NaN", "finite"]),
    (["training.rate=0"], ["training.rate", "greater than 0"]),
    (["cell.gain=0"], ["cell.gain", "got 0", "at least 0.000001"]),
    (["cell.gain=-3.0"], ["cell.gain", "got -3.0"]),
    (["cell.gain=inf"], ["cell.gain", "finite"]),
    (["cell.unit=0.0"], ["cell.unit", "got 0.0", "at least 0.000001"]),
    (["cell.parts=none"], ["cell.parts", "'both', 'msp' or 'lsp'"]),
    (["transfer.every=0"], ["transfer.every", "got 0", "at least 1"]),
    (["transfer.every=0.5"], ["transfer.every", "0.5", "integer"]),
    (["transfer.groups=9000"], ["transfer.groups", "from 1 to 8000"]),
    (["closed_loop.tolerance=50.0"], ["closed_loop.tolerance", "got 50.0", "from 0 to 1"]),
    (["closed_loop.tolerance=-0.1"], ["closed_loop.tolerance", "-0.1"]),
    (["closed_loop.iterations=0"], ["closed_loop.iterations", "got 0"]),
    (["closed_loop.blind=true", "msp.device=ambrogio2018-3t1c"], ["closed_loop.blind", "no RESET", "blind=False"]),
    (["msp.device=ambrogio2018-pcmm"], ["did you mean 'ambrogio2018-pcm'"]),
    (["msp.asymmetry=0.1"], ["msp.asymmetry", "no such property"]),
    (["lsp.drift=0.1"], ["lsp.drift", "no drift"]),
    (["lsp.dead=0.9", "lsp.stuck_low=0.5"], ["sum of fractions"]),
    (["lsp.delay=2"], ["lsp.delay", "at most 1"]),
    (["data.validation=1437"], ["data.validation", "1437 training images"]),
]


@pytest.fixture
def insitu(command, monkeypatch):
    monkeypatch.setattr("insitu.datasets.find", lambda *_, **__: load_digits())
    return command


def _run(insitu, *sets: str):
    return insitu("run", "cristiano2018", *SMALL, *[part for item in sets for part in ("--set", item)])


@pytest.mark.parametrize(("sets", "words"), BAD, ids=[" ".join(sets) for sets, _ in BAD])
def test_bad_input_is_one_sentence_and_exit_code_2(insitu, tmp_path, sets, words):
    refused(_run(insitu, *sets), *words)
    assert not list(tmp_path.glob("runs/*"))


def test_an_msp_device_that_cannot_be_reset(insitu, tmp_path):
    (tmp_path / "mine.py").write_text(
        "from dataclasses import dataclass\n"
        "from insitu.devices.pcm import OneSided\n"
        "@dataclass(frozen=True, kw_only=True)\n"
        "class Fuse(OneSided):\n"
        "    @staticmethod\n"
        "    def step(g, polarity, p, z):\n"
        "        return g + p.step_up if polarity > 0 else g - 0.01 * p.step_down\n"
        "device = Fuse(g_min=0.0, g_max=20e-6, step_up=1e-6)\n"
    )
    outcome = _run(insitu, f"msp.device={json.dumps(str(tmp_path / 'mine.py'))}")
    refused(outcome, "a RESET leaves Fuse more than half of its range")


def test_targets_beyond_what_the_pair_holds_are_a_warning_with_the_fraction(insitu, monkeypatch):
    monkeypatch.setattr("insitu.reports.perceptron_figures.draw_all", lambda *_: None)  # which takes most of the time
    code, out, err = _run(insitu, "cell.unit=100.0")  # nothing above 0.05 fits
    assert code == 0
    clipped = json.loads(out)["clipped_fraction"]
    assert clipped > 0.1
    assert f"Warning: {100 * clipped:.2g} % of the weights lost a part" in " ".join(err.split())
    code, out, err = _run(insitu)
    assert json.loads(out)["clipped_fraction"] < 1e-3
    assert "lost a part" not in err


def test_the_estimator_warns_too():
    cell = MultiConductance(
        parts=(
            Significance(device=load("ambrogio2018-pcm").device),
            Significance(device=load("ambrogio2018-3t1c").device),
        ),
        unit=50.0,  # nothing above 0.04 fits
    )
    scheme = BlindPulses(transfer=Transfer(closed_loop=ClosedLoop(tolerance=0.25)))
    x, y = np.random.default_rng(0).random((40, 4)), np.arange(40) % 2
    with pytest.warns(UserWarning, match=r"% of the weights lost a part when they were written"):
        CrossbarClassifier((4,), encoding=cell, scheme=scheme, epochs=1, random_state=0).fit(x, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        CrossbarClassifier((4,), epochs=1, random_state=0).fit(x, y)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_inputs_that_are_not_finite(bad):
    network = Perceptron(sizes=(4, 2), neurons=Neurons(), **float_twin())
    images = np.ones((3, 4), np.float32)
    images[1, 2] = bad
    for call in (lambda: network.learn(images, np.zeros(3, np.int64), 0.1), lambda: network.respond(images)):
        with pytest.raises(InputError, match="images: hold NaN or infinity"):
            call()
    x = np.ones((4, 3))
    x[2, 1] = bad
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        CrossbarClassifier((2,), epochs=1).fit(x, [0, 1, 0, 1])


def test_images_that_do_not_fit_the_layers():
    network = Perceptron(sizes=(4, 2), neurons=Neurons(), **float_twin())
    with pytest.raises(InputError, match=r"images: got shape \(3, 5\); allowed is \(n, 4\)"):
        network.respond(np.ones((3, 5), np.float32))


@pytest.mark.slow
def test_images_of_28_x_28_pixels_are_cropped_and_need_none_held_back(insitu, monkeypatch):
    """As on MNIST, where the default holds nothing back."""
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (60, 784), np.uint8), np.arange(60, dtype=np.uint8) % 10
    data = Dataset("idx", images[:40], labels[:40], images[40:], labels[40:], (28, 28), "0" * 64, "made up")
    monkeypatch.setattr("insitu.datasets.find", lambda *_, **__: data)
    code, out, _ = _run(insitu)
    assert code == 0
    assert json.loads(out)["weights"] == 529 * 16 + 17 * 10


def test_the_estimate_before_a_sweep_knows_the_scheme_and_its_transfers():
    data = load_digits()

    def seconds(*overrides):
        return cristiano2018.estimate_seconds(registry.resolved("cristiano2018", overrides), data)

    exact, blind, dense, beside = (
        seconds(f"scheme.name={name}") for name in ("exact", "blind-pulses", "mixed-precision", "tiki-taka")
    )
    assert exact < blind < dense < beside
    assert exact == seconds("scheme.name=exact", "transfer.every=off")  # it makes none
    assert blind > seconds("transfer.every=off")
