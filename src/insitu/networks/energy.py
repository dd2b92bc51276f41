"""A layered network of energy whose layers see all of the one below."""

from __future__ import annotations

from collections.abc import Sequence

from insitu.cells import Encoding, MultiConductance
from insitu.chip import Chip
from insitu.devices.base import Device
from insitu.errors import InputError, require_kind
from insitu.learning.activity_difference import form_of
from insitu.learning.pruning import Pruning
from insitu.memory import require_layers
from insitu.networks.energy_rule import EnergyRule
from insitu.networks.joints import joints_of
from insitu.networks.layers import Dense
from insitu.networks.relaxing import RESTLESS, Relaxing
from insitu.networks.stages import laid
from insitu.schemes import Scheme, Weights, WriteVerify

__all__ = ["RESTLESS", "EnergyNetwork", "EnergyRule"]


class EnergyNetwork(Relaxing):
    """Layers of graded units; each crossbar between two layers is read forwards by one and transposed by the other.

    A minimum of the energy is a fixed point of
    ``s_l = activate(gain_l W_l^T s_(l-1) + gain_(l+1) W_(l+1) s_(l+1) + b_l)``.

    Parameters
    ----------
    device : of all crossbars.
    sizes : units of each layer, the inputs first.
    rule : see :class:`insitu.networks.energy_rule.EnergyRule`.
    scheme : how wanted changes reach the devices; None is write-verify.
    encoding, chip : see :class:`insitu.schemes.Weights`.
    pruning : takes weights out of learning by the number of examples; None is no pruning.
    seed : of all random numbers; index : of the first layer.
    """

    def __init__(
        self,
        device: Device,
        sizes: Sequence[int],
        rule: EnergyRule,
        *,
        scheme: Scheme | None = None,
        encoding: Encoding | MultiConductance | None = None,
        chip: Chip | None = None,
        pruning: Pruning | None = None,
        seed: int = 0,
        index: int = 0,
    ) -> None:
        require_kind("rule", rule, EnergyRule, "for example EnergyRule()")
        if len(sizes) < 2:
            raise InputError(f"sizes: got {tuple(sizes)}; allowed is the inputs and at least one layer")
        require_layers(sizes)
        scheme = scheme if scheme is not None else WriteVerify()
        form = form_of(scheme)
        stages = laid((sizes[0],), [Dense(units) for units in sizes[1:]])
        layers = [
            Weights(
                device, *one.shape, scheme, form=form, encoding=encoding, chip=chip, bias=True, seed=seed,
                index=index + place,
            )
            for place, one in enumerate(stages)
        ]  # fmt: skip
        super().__init__(rule, sizes[0], joints_of(stages, layers, rule.gain), pruning)
