"""A residual network of PyTorch on colour images: its twin in floating point, error-aware writing, and plain writing.

    python examples/torch_cifar_resnet.py --data cifar10 [--seeds 1] [--epochs 30] [--images 50000] [--width 16] [--quick]

The network is that of K. He et al., "Deep residual learning" (CVPR 2016), for CIFAR: 3 stages of 3 blocks, 19 convolutions
and a dense layer. Its matrices are pairs of tantalum-oxide cells whose every write is off by 2 uS; reads are exact and no
cell is stuck, as in what Liu et al. (Nat. Commun. 16, s41467-025-66240-7) compare. Batch normalisation, rates and momentum
are digital, and the same in all three. What has been learned is kept after each epoch: run the same command again to go on.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from common import begin
from numpy.typing import NDArray
from torch import nn

import insitu
import insitu.torch
from insitu.datasets import Dataset
from insitu.errors import InputError, require_whole
from insitu.schemes import ErrorAware, Scheme

#: how each of the three is written; plain writing is that of every change as it is
WAYS: dict[str, Scheme | None] = {
    "float twin": None,
    "error-aware": ErrorAware(),
    "plain": ErrorAware(threshold=0),
}
WRITING_NOISE = 2e-6  #: S
MOMENTUM, DECAY, WARM = 0.9, 5e-4, 0.2  #: the last: of the steps, in which the rate rises
RATE = 0.2  #: the highest, of all three
HEADROOM = 2.0  #: range of the weights of a layer, in units of the largest at the beginning


class Block(nn.Module):
    """Two convolutions, around which the maps go unchanged, or each second pixel of them with empty maps behind."""

    def __init__(self, maps: int, new: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(maps, new, 3, stride, padding=1, bias=False)
        self.second = nn.Conv2d(new, new, 3, padding=1, bias=False)
        self.norms = nn.ModuleList([nn.BatchNorm2d(new), nn.BatchNorm2d(new)])
        self.stride, self.more = stride, new - maps

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.norms[0](self.first(x)).relu()
        y = self.norms[1](self.second(y))
        around = nn.functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.more))
        return (y + around).relu()


def network(colours: int, classes: int, width: int, blocks: int, stem: int) -> nn.Sequential:
    """Return the network: ``width`` maps in the first stage, ``blocks`` blocks in each, ``stem`` pixels between two reads."""
    layers: list[nn.Module] = [
        nn.Conv2d(colours, width, 3, stem, padding=1, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
    ]
    for stage in range(3):
        for block in range(blocks):
            begins = stage > 0 and block == 0
            layers.append(Block(width << (stage - begins), width << stage, 1 + begins))
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4 * width, classes))


@dataclass(frozen=True)
class Images:
    """Images (n, colours, height, width), of mean 0 and variance 1 a colour in training, and labels (n,)."""

    x: torch.Tensor
    y: torch.Tensor

    def batches(self, size: int, rng: np.random.Generator) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Yield all images in random order, ``size`` at a time, each shifted by up to an eighth and mirrored by chance."""
        side = self.x.shape[-1]
        most = side // 8
        for some in torch.from_numpy(rng.permutation(len(self.x))).split(size):
            wide = nn.functional.pad(self.x[some], (most,) * 4)
            shifts = rng.integers(0, 2 * most + 1, (2, len(some)))
            windows = np.lib.stride_tricks.sliding_window_view(wide.numpy(), (side, side), axis=(2, 3))
            cut = windows[np.arange(len(some)), :, shifts[0], shifts[1]].copy()
            turned = rng.random(len(some)) < 0.5
            cut[turned] = cut[turned][..., ::-1]
            yield torch.from_numpy(cut), self.y[some]


def parts(data: Dataset, images: int | None, held: int) -> tuple[Images, Images]:
    """Return what is learned and what is asked: the test images, or ``held`` training images that are held back."""
    if data.shape is None:
        raise SystemExit("error: --data: is a table; allowed are images")
    labels, order = data.train_labels, np.random.default_rng(0).permutation(len(data.train_images))  # not by class
    shown, kept = order[: len(order) - held][:images], order[len(order) - held :]
    learned = upright(data.train_images[shown], data.shape)
    mean, sd = (of(learned, axis=(0, 2, 3), keepdims=True) for of in (np.mean, np.std))
    asked = (data.train_images[kept], labels[kept]) if held else (data.test_images, data.test_labels)

    def made(pixels: NDArray[Any], labels: NDArray[Any]) -> Images:
        return Images(torch.from_numpy((pixels - mean) / sd), torch.from_numpy(labels.astype(np.int64)))

    return made(learned, labels[shown]), made(upright(asked[0], data.shape), asked[1])


def upright(images: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return images (n, features) as (n, colours, height, width); colours stand side by side in a row of ``shape``."""
    height, width = shape[0], shape[-1]
    return images.reshape(len(images), height, -1, width).swapaxes(1, 2).astype(np.float32)


def device() -> insitu.devices.base.Device:
    """Return tantalum-oxide cells that are ideal but for what every write is off by."""
    cells = insitu.load("yi2022-taox")
    return replace(cells.without("all"), programming=replace(cells.programming, error_sd=WRITING_NOISE))


class Training:
    """One of the three, with one seed."""

    def __init__(self, model: nn.Module, scheme: Scheme | None, seed: int, batch: int, steps: int) -> None:
        self.model, self.seed, self.batch, self.steps = model, seed, batch, steps
        self.done, self.rows = 0, []
        if scheme is not None:
            self.model = insitu.torch.convert(model, device(), scheme=scheme, headroom=HEADROOM, seed=seed, strict=True)
        matrices = [one for one in self.model.parameters() if one.dim() > 1]
        others = [one for one in self.model.parameters() if one.dim() == 1]
        groups = [{"params": matrices, "weight_decay": DECAY}, {"params": others}]
        self.inner = torch.optim.SGD(groups, lr=RATE, momentum=MOMENTUM, nesterov=True)
        self.optimizer: Any = self.inner if scheme is None else insitu.torch.Optimizer(self.model, self.inner)

    def step(self, x: torch.Tensor, y: torch.Tensor) -> None:
        """Learn a batch, at a rate that rises in proportion to the steps and falls as a cosine."""
        part = self.done / self.steps
        falling = (1 + math.cos(math.pi * (part - WARM) / (1 - WARM))) / 2
        for group in self.inner.param_groups:
            group["lr"] = RATE * (min((self.done + 1) / (WARM * self.steps), 1.0) if part < WARM else falling)
        self.optimizer.zero_grad()
        nn.functional.cross_entropy(self.model.train()(x), y).backward()
        self.optimizer.step()
        self.done += 1

    def accuracy(self, images: Images) -> float:
        """Return the part of images that is named correctly, of 1."""
        self.model.eval()
        with torch.no_grad():
            named = torch.cat([self.model(x).argmax(1) for x in images.x.split(500)])
        return float((named == images.y).float().mean())

    def written(self) -> dict[str, float]:
        """Return the part of the weights that a step writes, and the pulses so far."""
        if self.optimizer is self.inner:
            return {}
        counts, weights = (
            self.optimizer.stack.counts,
            sum(one.rows * one.columns for one in self.optimizer.stack.layers),
        )
        return {"written": counts.tuned / (self.done * weights), "pulses": counts.pulses}

    def save(self, path: Path) -> None:
        """Keep all that goes on from here; what lies there is replaced at once."""
        state = {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}
        torch.save(state | {"done": self.done, "rows": self.rows}, path.with_suffix(".new"))
        path.with_suffix(".new").replace(path)

    def load(self, path: Path) -> None:
        """Go on from what :meth:`save` kept."""
        if path.exists():
            state = torch.load(path, weights_only=True)
            self.model.load_state_dict(state["model"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.done, self.rows = state["done"], state["rows"]


def train(name: str, one: Training, learned: Images, asked: Images, epochs: int, path: Path) -> dict[str, Any]:
    """Train what is left of the epochs, and say and keep what each has reached; return the last."""
    one.load(path)
    for epoch in range(epochs):
        if epoch >= len(one.rows):
            began = time.process_time()
            for x, y in learned.batches(one.batch, np.random.default_rng([one.seed, epoch])):
                one.step(x, y)
            found = {"accuracy": one.accuracy(asked), **one.written(), "seconds": time.process_time() - began}
            one.rows.append(found)
            one.save(path)
        found = one.rows[epoch]
        said = "".join(f", {key} {value:.3g}" for key, value in found.items() if key != "accuracy")
        print(f"{name}, seed {one.seed}, epoch {epoch + 1}: accuracy {100 * found['accuracy']:.2f} %{said}", flush=True)
    return one.rows[-1]


def estimate(name: str, one: Training, learned: Images, epochs: int) -> None:
    """Say how long it will take, by the time of a few steps."""
    batches = learned.batches(one.batch, np.random.default_rng(0))
    one.step(*next(batches))  # the first compiles
    began, few = time.process_time(), one.done
    for x, y in itertools.islice(batches, 3):
        one.step(x, y)
    seconds = (time.process_time() - began) / max(one.done - few, 1) * one.steps
    print(f"{name}: about {seconds / 60:.0f} minutes of a processor for {epochs} epochs", flush=True)


def main() -> None:
    numbers = {
        "--images": (None, "training images (all)"), "--held": (0, "training images held back, asked in place of tests (0)"),
        "--width": (16, "maps of the first stage (16)"), "--stem": (1, "pixels between two reads of the first layer (1)"),
    }  # fmt: skip
    example = begin(__doc__, "torch-cifar-resnet", numbers=numbers)
    of, epochs = example.numbers, (3 if example.quick else 30) if example.epochs is None else example.epochs
    try:
        for name, number in {**of, "epochs": epochs, "seeds": example.seeds}.items():
            most = len(example.dataset.train_images) - 1 if name == "held" else 10**6
            require_whole(f"--{name}", 1 if number is None else number, 0 if name == "held" else 1, most)
    except InputError as error:
        raise SystemExit(f"error: {error}") from error
    images, width, blocks, batch = (600, 4, 1, 16) if example.quick else (of["images"], of["width"], 3, 128)
    learned, asked = parts(example.dataset, images, of["held"])
    steps = epochs * -(-len(learned.y) // batch)
    colours, classes = learned.x.shape[1], int(learned.y.max()) + 1
    folder = example.out / f"{len(learned.y)}-images-{epochs}-epochs-{width}-maps-stem-{of['stem']}-held-{of['held']}"
    folder.mkdir(parents=True, exist_ok=True)

    def made(scheme: Scheme | None, seed: int) -> Training:
        torch.manual_seed(seed)
        return Training(network(colours, classes, width, blocks, of["stem"]), scheme, seed, batch, steps)

    if not example.quick:
        for name, scheme in WAYS.items():
            estimate(name, made(scheme, 0), learned, epochs)
    found: dict[str, list[float]] = {}
    for seed in range(example.seeds):
        for name, scheme in WAYS.items():
            path = folder / f"{name.replace(' ', '-')}-{seed}.pt"
            found.setdefault(name, []).append(train(name, made(scheme, seed), learned, asked, epochs, path)["accuracy"])
    for name, scores in found.items():
        print(f"{name}: accuracy {100 * np.mean(scores):.2f} +- {100 * np.std(scores, ddof=len(scores) > 1):.2f} %")


if __name__ == "__main__":
    main()
