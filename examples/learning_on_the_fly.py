"""Learning on the fly: the world changes, and a network learns on in its arrays, without being trained anew.

    python examples/learning_on_the_fly.py [--seeds 5] [--quick]

The three systems, each on its noisy devices, learn a task; then images turn to their negatives, or a tenth class is added, or
a quarter of the first array fails, or a month passes. How much of what was known is left, how well is the new learned, and
what do remedies help that need no second network, and few of the old images or none?

- replay: the few images of each class that were kept are shown again, as often as the new ones
- protected: the largest half of the weights takes no pulse any more
- fast cells only: nothing is transferred to the phase-change cells, which keep the old task (third system)
- learned on: after a failure or a month, all images are shown once more
- named anew: nothing is learned, but the neurons are named by the images that were kept (first system)
- reference cells: weights are read against a cell beside each, which drifts as they do, not against a fixed current (first
  system)
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from common import Example, begin
from joblib import Parallel, delayed
from rich.progress import track

import insitu
from insitu import (
    BlindPulses,
    CrossbarClassifier,
    EnergyClassifier,
    MultiConductance,
    ReferencedDevice,
    Significance,
    SpikingClassifier,
    Transfer,
    terminal,
)
from insitu.datasets import Dataset
from insitu.devices.base import Device
from insitu.devices.imperfections import Retention
from insitu.random import permutation
from insitu.reports.canvas import BLACK, BLUE, GREEN, ORANGE, save, titled

KEPT = 20  #: images of each class that are kept
MONTH = 30 * 24 * 3600.0  #: s
DRIFT = Retention(nu=0.05, nu_sd=0.01, t0=1.0)  #: assumed of cells of which no drift is published here
SYSTEMS = ("spiking, CBRAM", "relaxing, TaOx", "perceptron, PCM + 3T1C")
CHANGES = {
    "negatives": ("none", "replay", "protected", "fast cells only"),
    "a tenth class": ("none", "replay", "protected", "fast cells only"),
    "a quarter of the array fails": ("none", "replay", "learned on", "named anew"),
    "a month passes": ("none", "replay", "learned on", "named anew", "reference cells"),
}
COLOURS = {
    "none": ORANGE, "replay": BLUE, "protected": GREEN, "fast cells only": "#cc79a7", "learned on": "#d55e00",
    "reference cells": "#56b4e9", "named anew": "#f0e442",
}  # fmt: skip


@dataclass(frozen=True)
class Task:
    """Images (n, pixels) from 0 to 1 and their labels, to learn and to be asked."""

    x: np.ndarray
    y: np.ndarray
    asked: np.ndarray
    answers: np.ndarray

    def only(self, chosen: Callable[[np.ndarray], np.ndarray]) -> Task:
        """Return the part of it whose labels are chosen."""
        some, others = chosen(self.y), chosen(self.answers)
        return Task(self.x[some], self.y[some], self.asked[others], self.answers[others])


def task_of(data: Dataset, quick: bool) -> Task:
    """Return 10,000 images and as many questions as there are, or a few of both."""
    learn, ask = (500, 200) if quick else (10_000, 10_000)
    x, asked = (images.astype(np.float32) / data.train_images.max() for images in (data.train_images, data.test_images))
    return Task(x[:learn], data.train_labels[:learn], asked[:ask], data.test_labels[:ask])


def made(system: str, seed: int, drifts: bool, quick: bool, referenced: bool = False) -> tuple[Any, int]:
    """Return a network, not trained, and how many passes it takes to learn a task."""

    def noisy(name: str) -> Device:
        device = insitu.load(name)
        return replace(device, retention=DRIFT) if drifts and not device.retention.on else device

    if system == SYSTEMS[0]:
        encoding = ReferencedDevice(reference="column") if referenced else None
        device, neurons = noisy("shi2018-cbram"), 40 if quick else 300
        return SpikingClassifier(neurons, device=device, encoding=encoding, random_state=seed), 2
    if system == SYSTEMS[1]:
        return EnergyClassifier((32 if quick else 100,), device=noisy("yi2022-taox"), random_state=seed), 5
    slow, fast = noisy("ambrogio2018-pcm"), noisy("ambrogio2018-3t1c")
    cells = MultiConductance(parts=(Significance(device=slow, gain=4.0), Significance(device=fast)))
    scheme = BlindPulses(transfer=Transfer(every=500 if quick else 8000))
    hidden = (32,) if quick else (250, 125)
    return CrossbarClassifier(hidden, encoding=cells, scheme=scheme, random_state=seed), 5


def teach(model: Any, x: np.ndarray, y: np.ndarray, passes: int, seed: int) -> None:
    """Show images in random order, all of them as often."""
    for turn in range(passes):
        order = permutation(seed, len(x), turn)
        model.partial_fit(x[order], y[order], classes=np.arange(10))


def name(model: Any, x: np.ndarray, y: np.ndarray) -> None:
    """Name the neurons of a network that learns without labels, as they are now, by images that are at hand."""
    if isinstance(model, SpikingClassifier):
        model.label(x, y, classes=np.arange(10))


def right(model: Any, task: Task) -> float:
    return 100 * float(model.score(task.asked, task.answers))


def protect(model: Any) -> None:
    for layer in model.network_.layers:
        size = np.abs(layer.values)
        layer.freeze(size > np.median(size))


def keep_fast(model: Any) -> None:
    model.network_.consolidate()
    for layer in model.network_.layers:
        layer.scheme = replace(layer.scheme, transfer=None)


def fail(model: Any) -> None:
    """Let half of the lines of half of the outputs of the first layer stay at their lowest conductance for ever."""
    layer = model.network_.layers[0]
    place = np.s_[..., : layer.columns // 2, : layer.rows // 2]
    for array in layer.levels:
        array.g[place] = array.device.g_min
        array.lifetime[place] = 0
    layer.refresh()


def wait(model: Any) -> None:
    model.network_.consolidate()
    model.age(MONTH)


def kept_of(task: Task) -> np.ndarray:
    """Return which images are kept: the first of each class."""
    return np.concatenate([np.flatnonzero(task.y == label)[:KEPT] for label in np.unique(task.y)])


@dataclass(frozen=True)
class Case:
    """What happens to which network, and what is done about it."""

    system: str
    change: str
    remedy: str

    @property
    def start(self) -> tuple[Any, ...]:
        """What is learned before, on which cells: cases of one start begin with copies of one network."""
        return (
            self.system,
            self.change == "a tenth class",
            self.change == "a month passes",
            self.remedy == "reference cells",
        )


def follow(cases: Sequence[Case], seed: int, task: Task, quick: bool) -> dict[Case, tuple[float, float, float]]:
    """Return the accuracy (%) on the old task before a change and after it, and on the new one, of cases of one start."""
    system, nine, drifts, referenced = cases[0].start
    network, passes = made(system, seed, drifts, quick, referenced)
    old = task.only(lambda y: y < 9) if nine else task
    teach(network, old.x, old.y, passes, seed)
    before = right(network, old)
    found = {}
    for case in cases:
        change = learn_new if case.change in ("negatives", "a tenth class") else suffer
        found[case] = before, *change(copy.deepcopy(network), case, task, old, passes, seed + 1)
    return found


def learn_new(model: Any, case: Case, task: Task, old: Task, passes: int, seed: int) -> tuple[float, float]:
    new = replace(task, x=1 - task.x, asked=1 - task.asked) if old is task else task.only(lambda y: y == 9)
    if case.remedy == "protected":
        protect(model)
    elif case.remedy == "fast cells only":
        keep_fast(model)
    x, y = new.x, new.y
    if case.remedy == "replay":
        again = np.resize(kept_of(old), len(x))
        x, y = np.concatenate([x, old.x[again]]), np.concatenate([y, old.y[again]])
    teach(model, x, y, passes, seed)
    if case.remedy == "replay":
        name(model, x, y)
    return right(model, old), right(model, new)


def suffer(model: Any, case: Case, task: Task, _: Task, passes: int, seed: int) -> tuple[float, float]:
    (wait if case.change == "a month passes" else fail)(model)
    after = right(model, task)
    if case.remedy in ("none", "reference cells"):
        return after, after
    shown = np.arange(len(task.y)) if case.remedy == "learned on" else kept_of(task)
    if case.remedy != "named anew":
        teach(model, task.x[shown], task.y[shown], passes if case.remedy == "replay" else 1, seed)
    name(model, task.x[shown], task.y[shown])
    return after, right(model, task)


def able(system: str, remedy: str) -> bool:
    only = {"fast cells only": SYSTEMS[2], "reference cells": SYSTEMS[0], "named anew": SYSTEMS[0]}
    return only.get(remedy, system) == system


def draw(found: dict[Case, np.ndarray], example: Example) -> None:
    figure, panels = titled(
        f"Learning on the fly, {example.dataset.name}: mean and standard deviation of {example.seeds} seeds",
        13, 5.0, 1, len(CHANGES), sharey=True,
    )  # fmt: skip
    for axes, (change, remedies) in zip(panels, CHANGES.items(), strict=True):
        for place, system in enumerate(SYSTEMS):
            several = [remedy for remedy in remedies if Case(system, change, remedy) in found]
            for turn, remedy in enumerate(several):
                runs = found[Case(system, change, remedy)]
                at, (mean, sd) = place + 0.18 * (turn - (len(several) - 1) / 2), (runs.mean(axis=0), runs.std(axis=0))
                how = {"color": COLOURS[remedy], "capsize": 3, "ls": ""}
                axes.errorbar(at - 0.03, mean[1], sd[1], marker="o", **how)
                axes.errorbar(at + 0.03, mean[2], sd[2], marker="o", mfc="white", **how)
            before = found[Case(system, change, "none")][:, 0].mean()
            axes.hlines(before, place - 0.4, place + 0.4, color=BLACK, lw=1, ls=":")
        axes.set_title(change, fontsize=10)
        axes.set_xticks(
            range(len(SYSTEMS)), [name.replace(", ", "\n").replace(" + ", "\n+ ") for name in SYSTEMS], fontsize=8
        )
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set(ylabel="test images named correctly (%)", ylim=(0, 102))
    known = [axes.plot([], [], "o", color=colour, label=remedy)[0] for remedy, colour in COLOURS.items()]
    known += [
        axes.plot([], [], ":", color=BLACK, label="before")[0],
        axes.plot([], [], "o", color="0.4", label="old task; right after")[0],
        axes.plot([], [], "o", color="0.4", mfc="white", label="new task; in the end")[0],
    ]
    figure.legend(handles=known, loc="outside lower center", ncols=5, frameon=False, fontsize=9)
    example.out.mkdir(parents=True, exist_ok=True)
    print(f"Figure: {save(figure, example.out / 'on_the_fly.png')}")


def said(of: np.ndarray) -> str:
    before, old, new = (f"{mean:.1f} +- {sd:.1f} %" for mean, sd in zip(of.mean(axis=0), of.std(axis=0), strict=True))
    return f"accuracy {before}, then {old} (old task, or at once), {new} (new, or in the end)"


def main() -> None:
    example = begin(__doc__, "learning-on-the-fly")
    task = task_of(example.dataset, example.quick)
    groups: dict[tuple[Any, ...], list[Case]] = {}
    for system, (change, remedies) in product(SYSTEMS, CHANGES.items()):
        for remedy in filter(lambda remedy: able(system, remedy), remedies):
            case = Case(system, change, remedy)
            groups.setdefault(case.start, []).append(case)
    jobs = [
        delayed(follow)(cases, seed, task, example.quick) for cases in groups.values() for seed in range(example.seeds)
    ]
    console = terminal.console(stderr=True)
    ended = Parallel(n_jobs=example.workers or -1, return_as="generator")(jobs)
    found: dict[Case, list[tuple[float, float, float]]] = {}
    for few in track(ended, "networks", len(jobs), console=console, disable=not console.is_terminal):
        for case, run in few.items():
            found.setdefault(case, []).append(run)
            if len(found[case]) == example.seeds:  # said as soon as it is known: what comes after may be stopped
                print(f"{case.system}; {case.change}; {case.remedy}: {said(np.array(found[case]))}", flush=True)
    draw({case: np.array(runs) for case, runs in found.items()}, example)


if __name__ == "__main__":
    main()
