"""What the examples share: their options, their data, and the sweep of a recipe that all of them make."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from insitu import datasets
from insitu.datasets import Dataset, braille
from insitu.errors import InsituError
from insitu.networks.inputs import active_pixels
from insitu.recipes import registry, shi2018
from insitu.recipes.loading import resolve
from insitu.studies import Sweep, sweep

#: a network for seconds instead of hours: it shows that the example works, its numbers say nothing about the paper
QUICK = (
    "network.neurons=20",
    "training.epochs=1",
    "training.presentations=1",
    "wta.presentations=2",
    "pruning.maturity=200",
)


#: the same for the network of cristiano2018; its floating-point twin is trained by Example.float_accuracy alone
QUICK_PERCEPTRON = ("network.hidden=[32]", "training.epochs=1", "transfer.every=200")


@dataclass(frozen=True)
class Example:
    """The wishes of the command line, and the data.

    Parameters
    ----------
    out : folder of figures and sweeps; quick : whether to be done in seconds, on the embedded digits.
    epochs : passes over the data; None is what the example, or its recipe, says.
    numbers : whole numbers that an example asks for beyond.
    """

    dataset: Dataset
    out: Path
    seeds: int
    quick: bool
    workers: int | None
    epochs: int | None = None
    numbers: Mapping[str, Any] = field(default_factory=dict)

    def sweep(
        self,
        name: str,
        vary: Mapping[str, Sequence[Any]],
        overrides: Sequence[str] = (),
        *,
        recipe: str = "shi2018",
        quick: Sequence[str] = QUICK,
        shown: Sequence[str] = ("accuracy",),
    ) -> Sweep:
        """Carry the recipe out at every setting; what an earlier call in the same folder has finished is kept.

        ``quick`` are the settings for seconds instead of hours, ``shown`` the results that are printed.

        Exits with one sentence if anything cannot be done; run the same command again to try only what is missing.
        """
        varied = {field for fields in vary for field in fields.split("+")}
        short = [item for item in quick if item.partition("=")[0] not in varied] if self.quick else []
        fixed = [*short, *overrides]
        try:
            found = sweep(
                recipe,
                vary,
                dataset=self.dataset,
                out=self.out / name,
                seeds=self.seeds,
                set=fixed,
                workers=self.workers,
            )
        except InsituError as error:
            raise SystemExit(f"error: {error}") from error
        if found.failed:
            raise SystemExit(f"error: {len(found.failed)} points failed, the first with: {found.failed[0]['error']}")
        for entry in found.summary():
            setting = ", ".join(f"{field} = {entry[field]}" for field in found.fields)
            mean, sd, ways = entry["mean"], entry["sd"], ("pulses_up", "pulses_down")
            results = ", ".join(
                f"{key.replace('_', ' ')} {100 * mean[key]:.2f}{'' if sd[key] is None else f' +- {100 * sd[key]:.2f}'} %"
                for key in shown
            )
            pulses = sum(mean[way] if way in mean else mean[f"ledger.learning.{way}"] for way in ways)
            print(f"{setting}: {results}, {pulses:.3g} pulses")
        return found

    def perceptron(self, name: str, vary: Mapping[str, Sequence[Any]], overrides: Sequence[str] = ()) -> Sweep:
        """Do the same with cristiano2018, without its floating-point twin."""
        fixed = ["training.twin=false", *self._epochs, *overrides]
        return self.sweep(name, vary, fixed, recipe="cristiano2018", quick=QUICK_PERCEPTRON)

    def float_accuracy(self, *overrides: str) -> float:
        """Return the accuracy of the floating-point twin of cristiano2018, mean over the seeds."""
        vary, fixed = {"training.twin": [True]}, [*self._epochs, *overrides]
        found = self.sweep(
            "twin", vary, fixed, recipe="cristiano2018", quick=QUICK_PERCEPTRON, shown=["float_accuracy"]
        )
        return float(found.summary()[0]["mean"]["float_accuracy"])

    @property
    def _epochs(self) -> list[str]:
        return [] if self.epochs is None else [f"training.epochs={self.epochs}"]

    def inputs(self) -> int:
        """Return how many pixels the recipe makes inputs of this data."""
        data = resolve(shi2018.Recipe, registry.toml_text("shi2018")).data
        images = self.dataset.train_images
        return int(active_pixels(images, fraction=data.min_active, threshold=data.threshold).sum())


def _images(given: argparse.Namespace) -> Dataset:
    if given.quick:
        return datasets.load_digits()
    return datasets.load(given.data) if given.data is not None else datasets.find(given.data_dir)


def begin(
    text: str, name: str, *, words: bool = False, numbers: Mapping[str, tuple[int | None, str]] | None = None
) -> Example:
    """Read the command line of an example, and find its data: images, or the words in Braille.

    Parameters
    ----------
    text : the docstring of the example; its first line says what it shows.
    name : of its folder, if no other is given.
    numbers : further options, with what they are if not given, and what is said of them.
    """
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5, help="runs of every point (5)")
    parser.add_argument("--out", type=Path, default=Path("examples-out") / name, help="folder of figures and sweeps")
    parser.add_argument("--data", help="a name, a file or a folder, as for insitu run (MNIST, where it is found)")
    parser.add_argument("--data-dir", help="folder with the four MNIST files")
    parser.add_argument(
        "--quick", action="store_true", help="seconds instead of hours: a tiny network, embedded digits"
    )
    parser.add_argument("--epochs", type=int, help="passes over the data (the example's, or the recipe's)")
    parser.add_argument("--workers", type=int, help="processes (all cores)")
    for option, (default, about) in (numbers or {}).items():
        parser.add_argument(option, type=int, default=default, help=about)
    given = parser.parse_args()
    try:
        dataset = braille.as_dataset(braille.NAMES) if words else _images(given)
    except InsituError as error:
        raise SystemExit(f"error: {error}") from error
    print(dataset.note)
    more = {name: getattr(given, name) for name in (option.lstrip("-") for option in numbers or {})}
    return Example(dataset, given.out, given.seeds, given.quick, given.workers, given.epochs, more)
