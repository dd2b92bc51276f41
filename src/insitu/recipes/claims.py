"""What the papers say of their systems, to stand beside our numbers; from their public parts and announcements only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One number or promise of a paper.

    Parameters
    ----------
    what : in words that a newcomer understands.
    paper : what the paper says, as it says it.
    tag : stated, or inferred from what is stated.
    source : where that stands.
    keys : our numbers to put beside it: keys of the result or, dotted, fields of the recipe; ``price.gpu``, ``price.rate``
        and ``price.seconds`` follow from the price of the run. None where a single run has no answer.
    when : what makes our number comparable, named as in ``keys``; a run of other values is no answer to the claim.
    """

    what: str
    paper: str
    tag: Literal["stated", "inferred"]
    source: str
    keys: tuple[str, ...] = ()
    when: Mapping[str, Any] = field(default_factory=dict)


_NC18 = "Shi et al., Nat. Commun. 9, 5312 (2018)"
_FN19 = "Shi et al., Front. Neurosci. 13, 405 (2019), abstract"
_UCSD = "announcement of Shi et al. 2018"
_NE23 = "Yi et al., Nat. Electron. 6, 45 (2023), abstract"
_EET = "EE Times, December 2022, on Yi et al."
_TAMU = "announcement of Yi et al. 2022"
_IBM = "announcement of Cristiano et al. 2018"
_AMB = "Ambrogio et al., Nature 558, 60 (2018)"
_MNIST = {"dataset": "mnist"}
_WORDS = {"data.task": "braille"}

#: recipe -> its claims, the headline first
CLAIMS: dict[str, tuple[Claim, ...]] = {
    "shi2018": (
        Claim(
            what="MNIST, up to 75 % of the weights soft-pruned",
            paper="93 %",
            tag="stated",
            source=_UCSD,
            keys=("accuracy",),
            when=_MNIST | {"pruning.method": "soft", "pruning.fraction": 0.75},
        ),
        Claim(
            what="MNIST, 40 % of the weights pruned the conventional way",
            paper="under 90 %",
            tag="stated",
            source=_UCSD,
            keys=("accuracy",),
            when=_MNIST | {"pruning.method": "conventional", "pruning.fraction": 0.4},
        ),
        Claim(
            what="MNIST, about 75 % pruned, the later study",
            paper="about 90 %",
            tag="stated",
            source=_FN19,
            keys=("accuracy",),
            when=_MNIST | {"pruning.method": "soft", "pruning.fraction": 0.75},
        ),
        Claim(
            what="inputs left of 784 pixels",
            paper="397",
            tag="stated",
            source=f"{_NC18}, Fig. 3",
            keys=("inputs",),
            when=_MNIST,
        ),
        Claim(what="output neurons", paper="500", tag="stated", source=f"{_NC18}, Fig. 3", keys=("neurons",)),
        Claim(
            what="passes over the training images",
            paper="3",
            tag="stated",
            source=f"{_NC18}, Fig. 3",
            keys=("training.epochs",),
            when=_MNIST,
        ),
        Claim(
            what="memory cells of the array",
            paper="524,288",
            tag="inferred",
            source=f"512 kbit: {_NC18}",
            keys=("cells",),
        ),
        Claim(
            what="energy against leading memories, from the device",
            paper="10 to 100 times less",
            tag="stated",
            source=_UCSD,
        ),
        Claim(what="energy, from the algorithm", paper="another 10 times less", tag="stated", source=_UCSD),
    ),
    "yi2022": (
        Claim(
            what="nine names in Braille, rebuilt from highly distorted inputs",
            paper="“high accuracy”; no number found",
            tag="stated",
            source=_NE23,
            keys=("accuracy_two_layer_0.2", "accuracy_one_layer_0.2"),
            when=_WORDS,
        ),
        Claim(
            what="crossbars of 64 × 64 cells; ours are those of the networks of one and of two layers",
            paper="2",
            tag="stated",
            source=_EET,
            keys=("tiles",),
            when=_WORDS,
        ),
        Claim(
            what="time to train",
            paper="tens of microseconds, 100 times less than a GPU",
            tag="stated",
            source=_EET,
            keys=("price.seconds",),
        ),
        Claim(
            what="energy against digital hardware, scaled up",
            paper="over 4 orders of magnitude less",
            tag="stated",
            source=_NE23,
            keys=("price.gpu",),
        ),
        Claim(
            what="power to train, against the best GPUs", paper="up to 100,000 times less", tag="stated", source=_TAMU
        ),
    ),
    "cristiano2018": (
        Claim(
            what="test accuracy against the same network in software",
            paper="equivalent (TensorFlow)",
            tag="stated",
            source=_IBM,
            keys=("accuracy", "float_accuracy"),
            when=_MNIST,
        ),
        Claim(
            what="weights of 528-250-125-10, bias lines included",
            paper="164,885",
            tag="inferred",
            source="the count stated by Burr et al., IEEE TED (2015), for such a network",
            keys=("weights",),
            when=_MNIST,
        ),
        Claim(
            what="passes over the training images",
            paper="20",
            tag="stated",
            source=f"{_AMB}, Ext. Data Fig. 2",
            keys=("training.epochs",),
        ),
        Claim(
            what="pulses asked of a weight over 16,000 images",
            paper="100 to 1,000, either way",
            tag="stated",
            source=f"{_AMB}, Ext. Data Fig. 2",
            keys=("pulses_asked_p50", "pulses_asked_p99"),
        ),
        Claim(
            what="images between two transfers",
            paper="8,000",
            tag="inferred",
            source=f"two intervals are 16,000 images: {_AMB}, Ext. Data Fig. 2",
            keys=("transfer.every",),
        ),
        Claim(
            what="work for an energy",
            paper="28,065 GOP/s/W",
            tag="stated",
            source=f"{_AMB}, abstract; calculated",
            keys=("price.rate",),
        ),
        Claim(
            what="work for a time and an area",
            paper="3.6 TOP/s/mm²",
            tag="stated",
            source=f"{_AMB}, abstract; calculated",
        ),
    ),
}
