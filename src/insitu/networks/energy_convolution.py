"""A network of energy of convolutions, pools and dense layers."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from insitu.errors import InputError, require_kind
from insitu.learning.activity_difference import ActivityDifference
from insitu.learning.pruning import Pruning
from insitu.networks.energy_rule import EnergyRule
from insitu.networks.joints import joints_of
from insitu.networks.layers import InArray, Layer, Normalise, Residual, Shape, layer_name
from insitu.networks.relaxing import Relaxing
from insitu.networks.stages import arrays_of, laid

#: what a network of convolutions takes if it is given no rule, picked on held-back images: units of one sign from 0 on, few
#: steps, since each is a product of all patches, and one from the outputs down for each nudge
CONVOLUTIONAL = EnergyRule(
    learning=ActivityDifference(mode="centred", beta=0.5, rate=2.0),
    hidden="hard",
    output="hard",
    initial=0.3,
    steps=4,
    nudged_steps=1,
)


class ConvolutionalEnergyNetwork(Relaxing):
    """Convolutions in arrays that relax.

    Parameters
    ----------
    comes : shape of an example: (height, width, colours), or (features,).
    layers : all of them, the outputs last, each with its device and its scheme; see :mod:`insitu.networks.layers`.
    rule : see :class:`insitu.networks.energy_rule.EnergyRule`.
    pruning : takes weights out of learning by the number of examples; None is no pruning.
    seed : of all random numbers.
    """

    def __init__(
        self,
        comes: Shape,
        layers: Sequence[Layer],
        rule: EnergyRule = CONVOLUTIONAL,
        *,
        pruning: Pruning | None = None,
        seed: int = 0,
    ) -> None:
        require_kind("rule", rule, EnergyRule, "for example EnergyRule()")
        _require_plain(layers)
        stages = laid(comes, layers)
        arrays = arrays_of(stages, seed)
        super().__init__(rule, prod(comes), joints_of(stages, arrays, rule.gain), pruning)


def _require_plain(layers: Sequence[Layer]) -> None:
    """Raise InputError unless all layers are what units of energy can have between them."""
    for at, layer in enumerate(layers, 1):
        if isinstance(layer, Normalise | Residual) or (isinstance(layer, InArray) and not layer.neurons):
            what = layer_name(layer) + (", neurons=False" if isinstance(layer, InArray) else "")
            raise InputError(
                f"hidden: layer {at}, {what}: a network of energy has units behind each array, and neither residual "
                "additions nor normalisation between them; allowed are Conv, Dense and Pool, with neurons, or take "
                "CrossbarClassifier or CrossbarRegressor"
            )
