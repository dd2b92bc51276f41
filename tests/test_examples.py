"""Every example, small: it runs from one command, leaves its figures, and a second call has nothing left to do."""

import ast
import re
import runpy
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
FIGURES = {
    "convolution_mnist": [],
    "cristiano2018_cifar": [],
    "cristiano2018_closed_loop": ["accuracy.png", "missed.png", "writes.png"],
    "cristiano2018_gain": ["gain.png"],
    "cristiano2018_interval": ["interval.png", "wear.png"],
    "cristiano2018_schemes": [],
    "learning_on_the_fly": ["on_the_fly.png"],
    "own_rules": [],
    "residual_depth": [],
    "residual_tiles": [],
    "shi2018_epochs": ["epochs.png"],
    "shi2018_neurons": ["neurons.png"],
    "shi2018_patches": [],
    "shi2018_pruning": ["pruning-vote.png", "pruning.png", "readouts.png"],
    "shi2018_pulses": ["pulses.png"],
    "shi2018_bits": ["bits.png"],
    "shi2018_two_layers": [],
    "torch_cifar_resnet": [],
    "yi2022_distortion": ["distortion.png"],
    "yi2022_on_the_fly": ["on_the_fly.png"],
    "yi2022_scaling": ["reads.png", "scaling.png"],
}


#: what else they say
SAYS = {"shi2018_bits": ("450 x 20 x 4 = 36,000", "26,214 // (450 x 4) = 14")}


def _run(monkeypatch, name: str, *options: str) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    monkeypatch.setattr(sys, "argv", [name, *options])
    runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")


def test_every_example_is_tested():
    assert {path.stem for path in EXAMPLES.glob("*.py")} - {"common"} == set(FIGURES)


SLOW = {
    *("cristiano2018_schemes", "own_rules", "shi2018_pruning", "shi2018_pulses", "cristiano2018_interval"),
    *("cristiano2018_closed_loop", "cristiano2018_gain", "convolution_mnist", "learning_on_the_fly"),
    *("cristiano2018_cifar", "shi2018_patches", "shi2018_two_layers", "residual_depth", "residual_tiles"),
    *("shi2018_bits", "shi2018_neurons", "yi2022_scaling"),
    "torch_cifar_resnet",
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in FIGURES]
)
def test_an_example_leaves_its_figures(monkeypatch, tmp_path, capsys, name):
    if name.startswith("torch"):
        pytest.importorskip("torch", reason="PyTorch is not installed: pip install insitu[torch]")
    options = ("--quick", "--seeds", "1", "--workers", "1", "--out", str(tmp_path))
    _run(monkeypatch, name, *options)
    shown = capsys.readouterr()
    words = name in ("yi2022_distortion", "yi2022_on_the_fly")
    assert ("words in Braille" if words else "embedded in scikit-learn") in shown.out.splitlines()[0]
    assert "accuracy" in shown.out
    assert all(words in shown.out for words in SAYS.get(name, ()))
    assert sorted(path.name for path in tmp_path.glob("*.png")) == FIGURES[name]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in tmp_path.glob("*.png"))
    numbers = [line for line in shown.out.splitlines() if "accuracy" in line]
    _run(monkeypatch, name, *options)
    again = capsys.readouterr()
    assert again.err.count("nothing is left to do") == len(again.err.splitlines())
    assert [line for line in again.out.splitlines() if "accuracy" in line] == numbers


@pytest.mark.slow
def test_rules_of_ones_own_learn_and_are_as_short_as_they_say(monkeypatch, tmp_path, capsys):
    _run(monkeypatch, "own_rules", "--quick", "--seeds", "1", "--out", str(tmp_path))
    found = dict(re.findall(r"gong2022-om, (.*): accuracy ([\d.]+)", capsys.readouterr().out))
    accuracy = {rule: float(text) for rule, text in found.items()}
    before = accuracy["features, not learned"]
    assert all(accuracy[f"{rule}, numbers"] > before + 5 for rule in ("oja", "contrast"))
    assert accuracy["oja, mixed precision"] > before + 5
    assert accuracy["agad"] > 75  # ten classes
    source = (EXAMPLES / "own_rules.py").read_text(encoding="utf-8")
    rules = [node for node in ast.parse(source).body if getattr(node, "name", "") in ("oja", "contrast", "agad")]
    assert len(rules) == 3
    assert all(node.end_lineno - node.lineno < 30 for node in rules)


@pytest.mark.parametrize(
    ("options", "words"), [(("--data-dir", "nowhere"), "no such folder"), (("--quick", "--seeds", "0"), "seeds: got 0")]
)
def test_bad_input_is_one_sentence(monkeypatch, tmp_path, options, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match=words) as caught:
        _run(monkeypatch, "shi2018_epochs", *options)
    assert "\n" not in str(caught.value)
