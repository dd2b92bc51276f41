"""Which scheme suits which device: the same network and the same devices, five ways to train.

    python examples/cristiano2018_schemes.py [--seeds 5] [--quick]

Blind pulses, mixed precision with a digital accumulator, write and verify, Tiki-Taka version 2, and its chopped form, each
with the options that the library starts with; docs/schemes.md has the equations. A weight is one pair of devices, 1 is the
range of one. What a call has finished is kept in rows.json; the same command goes on from there.
"""

from __future__ import annotations

import json
import sys
import warnings
from typing import Any

from common import Example, begin

from insitu import BlindPulses, ClosedLoop, CrossbarClassifier, MixedPrecision, TikiTaka, Transfer, WriteVerify, load
from insitu.recipes.cristiano2018 import cropped
from insitu.schemes import Scheme
from insitu.studies.rows import summarise, write_rows

EPOCHS, HIDDEN, RATE, DECAY = 5, (250, 125), 0.01, 0.8
DEVICES = ("li2018-3t1c", "nandakumar2018-pcm", "gong2022-om", "shi2018-cbram")
#: of pairs of one-sided devices that are about to saturate
REFRESH = Transfer(refresh=1000, closed_loop=ClosedLoop(tolerance=0.025))
FLOAT = "floating point"
SCHEMES: dict[str, Scheme] = {
    "blind pulses": BlindPulses(transfer=REFRESH),
    "mixed precision": MixedPrecision(transfer=REFRESH),
    "write and verify": WriteVerify(transfer=REFRESH),
    "Tiki-Taka 2": TikiTaka(transfer=REFRESH),
    "chopped Tiki-Taka": TikiTaka(transfer=REFRESH, chop=0.02),
}


def point(
    example: Example, scheme: str, device: str, seed: int, *, epochs: int = EPOCHS, most: int | None = None
) -> dict[str, Any]:
    """Train and test one network; ``most`` images of the training set only."""
    data = example.dataset
    images, tests = cropped(data.train_images, True)[:most], cropped(data.test_images, True)
    made_of = {} if scheme == FLOAT else {"device": load(device), "scheme": SCHEMES[scheme]}
    hidden = (32,) if example.quick else HIDDEN
    how = {"epochs": epochs, "learning_rate": RATE, "decay": DECAY, "scale": 1 / 255, "random_state": seed}
    model = CrossbarClassifier(hidden, **made_of, **how)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of writes that miss their tolerance: what comes of it is what is asked
        model.fit(images, data.train_labels[:most])
    counts, shown = model.counts_.as_dict(), epochs * len(images)
    right = model.predict(tests) == data.test_labels
    of_image = {name: counts[name] / shown for name in ("pulses_up", "pulses_down", "reads", "digital_ops")}
    return {"device": device, "scheme": scheme, "seed": seed, "accuracy": float(right.mean()), **of_image}


def main(**how: Any) -> None:
    example = begin(__doc__, "cristiano2018-schemes")
    if example.quick:
        how = {"epochs": 1} | how
    file = example.out / "rows.json"
    rows = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    settings = [(FLOAT, "ideal"), *((scheme, device) for device in DEVICES for scheme in SCHEMES)]
    todo = [(s, d, seed) for s, d in settings for seed in range(example.seeds)]
    known = {(row["scheme"], row["device"], row["seed"]) for row in rows}
    missing = [setting for setting in todo if setting not in known]
    if not missing:
        print("nothing is left to do", file=sys.stderr)
    example.out.mkdir(parents=True, exist_ok=True)
    for setting in missing:
        rows.append(point(example, *setting, **how))
        write_rows(example.out, rows)
    for entry in sorted(
        summarise(rows, ["device", "scheme"]), key=lambda e: settings.index((e["scheme"], e["device"]))
    ):
        mean, sd = entry["mean"], entry["sd"]["accuracy"]
        spread = "" if sd is None else f" +- {100 * sd:.2f}"
        print(
            f"{entry['device']}, {entry['scheme']}: accuracy {100 * mean['accuracy']:.2f}{spread} %, an image "
            f"{mean['pulses_up'] + mean['pulses_down']:.0f} pulses, {mean['reads']:.0f} reads, {mean['digital_ops']:.0f} "
            "digital operations"
        )


if __name__ == "__main__":
    main()
