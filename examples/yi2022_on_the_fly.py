"""Learning on the fly: a tenth name is added, then rows of cells fail, and the memory goes on learning (Yi et al. 2022).

    python examples/yi2022_on_the_fly.py [--seeds 10] [--quick]

The one-layer memory learns nine names on the noisy device; at a constant rate it then learns on with ten, without being
trained anew; later the + cells of six rows, those of the first letter, are shorted. One row alone makes no difference
that can be seen.
"""

from __future__ import annotations

import numpy as np
from common import begin

import insitu
from insitu import AssociativeMemory
from insitu.datasets import braille
from insitu.reports.canvas import BLUE, new_figure, save

TENTH, FLIP, ROWS = "ritchie", 0.1, slice(0, 6)


def follow(seed: int, updates: int, looks: int) -> list[float]:
    """Return the accuracy at every look: trained on nine names; then tested on ten, after a name and a failure."""
    nine, ten = braille.encode(braille.NAMES), braille.encode([*braille.NAMES, TENTH])
    memory = AssociativeMemory(device=insitu.load("yi2022-taox"), updates=10 * updates, random_state=seed).fit(nine)
    layer, found = memory.network_.layer, []

    def look(names: np.ndarray) -> None:
        truth = np.tile(names, (100, 1))
        x = braille.distort(truth, FLIP, seed=seed, batch=(1 << 32) + len(found))
        found.append(float((memory.settle(x).states == truth).all(axis=1).mean()))

    def learn_on() -> None:
        for _ in range(looks):
            memory.partial_fit(ten, updates=updates)
            look(ten)

    look(nine)
    look(ten)
    learn_on()
    layer.array.g[0, :, ROWS] = layer.device.g_max  # shorted for ever
    layer.array.lifetime[0, :, ROWS] = 0
    layer.refresh()
    look(ten)
    learn_on()
    return found


def main() -> None:
    example = begin(__doc__, "yi2022-on-the-fly", words=True)
    updates, looks = (4, 3) if example.quick else (20, 8)
    runs = 100 * np.array([follow(seed, updates, looks) for seed in range(example.seeds)])
    mean, sd = runs.mean(axis=0), runs.std(axis=0)
    at = updates * np.array([0, *range(looks + 1), *range(looks, 2 * looks + 1)])
    places = {"nine names": 0, "with a tenth": 1, "learned": looks + 1, "rows failed": looks + 2, "end": -1}
    for what, place in places.items():
        print(f"{what}: accuracy {mean[place]:.2f} +- {sd[place]:.2f} %")
    figure = new_figure(8, 4.6)
    axes = figure.subplots()
    axes.errorbar(at, mean, sd, color=BLUE, marker="o", lw=2, capsize=4)
    for x, text in ((0, "a tenth name\nis added"), (updates * looks, "six rows of cells\nfail")):
        axes.axvline(x, color="0.6", ls=":")
        axes.annotate(text, (x, mean.min()), (6, 0), textcoords="offset points", va="bottom")
    axes.set(
        xlabel="updates of the weights since deployment",
        ylabel=f"exact words, {100 * FLIP:g} % of the dots flipped (%)",
    )
    axes.spines[["top", "right"]].set_visible(False)
    figure.suptitle(f"Learning on the fly, mean and standard deviation of {example.seeds} seeds", fontsize=11)
    example.out.mkdir(parents=True, exist_ok=True)
    print(f"Figure: {save(figure, example.out / 'on_the_fly.png')}")


if __name__ == "__main__":
    main()
