"""A model of PyTorch with its layers put into arrays."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from insitu.cells import DifferentialPair, Encoding, MultiConductance, OneSidedPair
from insitu.chip import Chip
from insitu.devices.base import Device
from insitu.errors import InputError, require_between, require_kind, suggest
from insitu.networks.stack import Stack
from insitu.schemes import MixedPrecision, Scheme, Weights
from insitu.schemes.base import Form
from insitu.torch.layers import ArrayConv, ArrayLayer, ArrayLinear

_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
_ALLOWED = "allowed are Linear, and Conv1d to Conv3d without groups, padded with zeros by a number"


def convert(
    model: nn.Module,
    device: Device,
    *,
    scheme: Scheme | None = None,
    encoding: Encoding | MultiConductance | None = None,
    chip: Chip | None = None,
    layers: Sequence[str] | None = None,
    headroom: float = 4.0,
    seed: int = 0,
    strict: bool = False,
) -> nn.Module:
    """Return a copy of a model whose ``Linear`` and ``Conv1d`` to ``Conv3d`` layers are arrays, with the same weights.

    Parameters
    ----------
    device : of all arrays. chip : None is the default.
    scheme : how wanted changes reach the devices; None is mixed precision.
    encoding : None is a pair, of range ``headroom`` times the largest weight of the layer.
    layers : names of those that are converted, as ``model.named_modules()`` has them; None is all that can be.
    seed : of all random numbers.
    strict : refuse a model with weights that cannot be in arrays, else they stay in software, with a warning that names them.

    Raises
    ------
    InputError : a name that is none of the model's, nothing to convert, or what ``strict`` refuses.
    """
    require_kind("model", model, nn.Module, "a module of PyTorch")
    require_between("headroom", headroom, 1, 1e3, optional=False)
    scheme = MixedPrecision() if scheme is None else scheme
    require_kind("scheme", scheme, Scheme, "for example MixedPrecision()")
    holder = nn.ModuleDict({"model": copy.deepcopy(model)})  # so that the model itself may be a layer
    found = {name: one for name, one in holder["model"].named_modules() if _fits(one)}
    for name in layers or ():
        if name not in found:
            raise InputError(f"layers: no layer '{name}' that can be an array; {suggest(name, found)}")
    chosen = [name for name in found if layers is None or name in layers]
    if not chosen:
        raise InputError(f"model: has no layer that can be an array; {_ALLOWED}")
    left = _left_out(holder["model"], set(found if layers is None else chosen)) if layers is None else []
    if left and strict:
        raise InputError(f"model: {', '.join(left)} cannot be in arrays; {_ALLOWED}")
    if left:
        warnings.warn(f"left in software: {', '.join(left)}", stacklevel=2)
    arrays = {}
    for index, name in enumerate(chosen):
        one = found[name]
        values = _values(one)
        top = headroom * (float(np.abs(values).max()) or 1.0)
        pair = (OneSidedPair if device.one_sided else DifferentialPair)(w_max=top)
        form: Form = "dense" if "dense" in scheme.takes else "factors"
        rows, columns = values.shape
        array = Weights(
            device, rows, columns, scheme, form=form, encoding=encoding or pair, chip=chip, seed=seed, index=index
        )
        array.put(values)
        arrays[one] = _layer(one, array, form == "factors")
    for parent in [*holder.modules()]:  # in all places where a layer is used
        for name, child in parent._modules.items():  # named_children leaves out what comes a second time
            if child in arrays:
                setattr(parent, name, arrays[child])
    return holder["model"]


def stack_of(model: nn.Module) -> Stack:
    """Return the arrays of a converted model: its counts, its events, ``age(seconds)``, ``warning``."""
    layers = [one.array for one in model.modules() if isinstance(one, ArrayLayer)]
    if not layers:
        raise InputError("model: holds no arrays; convert it first, by insitu.torch.convert(model, device)")
    return Stack(layers)


def _fits(one: nn.Module) -> bool:
    plain = isinstance(one, _CONVOLUTIONS) and one.groups == 1 and one.padding_mode == "zeros" and one.padding != "same"
    return type(one) is nn.Linear or plain


def _left_out(model: nn.Module, taken: set[str]) -> list[str]:
    """Return the names of modules that hold matrices of weights of their own and are not converted."""
    return [
        f"{name or 'model'} ({type(one).__name__})"
        for name, one in model.named_modules()
        if name not in taken and any(p.dim() > 1 for p in one.parameters(recurse=False))
    ]


def _values(one: nn.Module) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return the weights (inputs and the bias, outputs)."""
    weight = one.weight.detach().cpu().float().flatten(1).T
    rows = weight if one.bias is None else torch.cat([weight, one.bias.detach().cpu().float()[None]])
    return np.ascontiguousarray(rows.numpy())


def _layer(one: Any, array: Weights, factors: bool) -> ArrayLayer:
    shape, biased = tuple(one.weight.shape), one.bias is not None
    if isinstance(one, nn.Linear):
        made: ArrayLayer = ArrayLinear(array, shape, biased=biased, factors=factors)
    else:
        padding = (0,) * len(one.stride) if one.padding == "valid" else one.padding
        made = ArrayConv(
            array, shape, biased=biased, factors=factors, stride=one.stride, padding=padding, dilation=one.dilation
        )
    made.train(one.training)
    return made
