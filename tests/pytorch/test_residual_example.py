"""The example of a residual network, on images of a few pixels: it goes on where it was stopped."""

import re
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install insitu[torch]")
EXAMPLES = Path(__file__).parents[2] / "examples"
WAYS = ("float twin", "error-aware", "plain")


@pytest.fixture
def images(tmp_path):
    """A folder of red and of blue images of 8 x 8 pixels."""
    draw = np.random.default_rng(0)
    for name, colour in (("red", 0), ("blue", 2)):
        folder = tmp_path / "images" / name
        folder.mkdir(parents=True)
        for n in range(20):
            pixels = draw.integers(0, 60, (8, 8, 3)).astype(np.uint8)
            pixels[..., colour] += 150
            Image.fromarray(pixels).save(folder / f"{n}.png")
    return tmp_path / "images"


def run(monkeypatch, capsys, images, epochs=2, stop=None):
    """Run the example; return its lines of an epoch and, of all ways, the lines at the end."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    options = ("--data", images, "--out", images.parent / "out", "--seeds", 1, "--epochs", epochs, "--width", 2)
    monkeypatch.setattr(sys, "argv", ["torch_cifar_resnet", *map(str, options)])
    save, kept = torch.save, []

    def stopping(state, path):
        save(state, path)
        kept.append(path)
        if len(kept) == stop:
            raise KeyboardInterrupt

    monkeypatch.setattr(torch, "save", stopping)
    if stop is None:
        runpy.run_path(str(EXAMPLES / "torch_cifar_resnet.py"), run_name="__main__")
    else:
        with pytest.raises(KeyboardInterrupt):
            runpy.run_path(str(EXAMPLES / "torch_cifar_resnet.py"), run_name="__main__")
    monkeypatch.setattr(torch, "save", save)
    lines = [re.sub(", seconds .*", "", line) for line in capsys.readouterr().out.splitlines() if "accuracy" in line]
    return lines, kept


def test_a_residual_network_goes_on_where_it_was_stopped(monkeypatch, capsys, images):
    lines, kept = run(monkeypatch, capsys, images)
    assert [line.partition(",")[0].partition(":")[0] for line in lines] == [way for way in WAYS for _ in (1, 2)] + [
        *WAYS
    ]
    assert len(kept) == 6
    written = [float(found) for found in re.findall(r"written ([\d.e-]+)", "\n".join(lines))]
    assert written[-1] > 0.9  # plain: all weights at each step, but for those whose change was 0
    assert 0.0 < written[1] < 0.8 * written[-1]
    assert run(monkeypatch, capsys, images) == (lines, [])  # nothing is left to do
    for path in (images.parent / "out").rglob("*.pt"):
        path.unlink()
    part, _ = run(monkeypatch, capsys, images, stop=3)
    assert part == lines[:2]
    again, kept = run(monkeypatch, capsys, images)
    assert again == lines
    assert len(kept) == 4  # the one that was being written is made again


@pytest.mark.parametrize("option", ["--epochs", "--seeds", "--images", "--held", "--width"])
def test_a_number_that_cannot_be_is_refused(monkeypatch, option):
    monkeypatch.syspath_prepend(str(EXAMPLES))
    monkeypatch.setattr(sys, "argv", ["torch_cifar_resnet", "--quick", option, "-1"])
    with pytest.raises(SystemExit, match=f"error: {option}: got -1"):
        runpy.run_path(str(EXAMPLES / "torch_cifar_resnet.py"), run_name="__main__")
