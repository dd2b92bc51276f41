"""Which scheme suits which device: the same network and the same devices, five ways to train.

    python examples/cristiano2018_schemes.py [--seeds 5] [--epochs 5] [--quick]

Blind pulses, mixed precision with a digital accumulator, write and verify, Tiki-Taka version 2, and its chopped form, each
with the options that the library starts with; docs/schemes.md has the equations. A weight is one pair of devices, 1 is the
range of one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from common import begin

DEVICES = ["li2018-3t1c", "nandakumar2018-pcm", "gong2022-om", "shi2018-cbram"]
ONE_PAIR = ["cell.parts=lsp", "cell.unit=1.0", "training.decay=0.8", "closed_loop.tolerance=0.025"]
CHOPPED = ["scheme.name=tiki-taka", "scheme.chop=0.02"]


def main() -> None:
    example = begin(__doc__, "cristiano2018-schemes")
    example = replace(example, epochs=example.epochs or (1 if example.quick else 5))
    vary: dict[str, Any] = {"lsp.device": DEVICES}
    names = ["blind-pulses", "mixed-precision", "write-verify", "tiki-taka"]
    rows = example.perceptron("schemes", vary | {"scheme.name": names}, ONE_PAIR).summary()
    rows += example.perceptron("chopped", vary, [*ONE_PAIR, *CHOPPED]).summary()
    print(f"floating point: accuracy {100 * example.float_accuracy(*ONE_PAIR[2:3]):.2f} %")
    shown = example.epochs * len(example.dataset.train_images)
    for row in rows:
        events = {
            name: row["mean"][f"ledger.learning.{name}"] / shown for name in ("pulses_up", "pulses_down", "digital_ops")
        }
        pulses, operations = events["pulses_up"] + events["pulses_down"], events["digital_ops"]
        scheme = row.get("scheme.name", "tiki-taka, chopped")
        print(f"{row['lsp.device']}, {scheme}: an image {pulses:,.0f} pulses, {operations:,.0f} digital operations")


if __name__ == "__main__":
    main()
