"""A model of PyTorch with its layers put into arrays."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from insitu.cells import DifferentialPair, Encoding, MultiConductance, OneSidedPair
from insitu.chip import Chip
from insitu.devices.base import Device
from insitu.devices.loading import named
from insitu.errors import InputError, require_between, require_bool, require_kind, suggest
from insitu.networks.stack import Stack
from insitu.schemes import MixedPrecision, Scheme, Weights
from insitu.schemes.base import Form
from insitu.torch.attention import Attention
from insitu.torch.layers import ArrayConv, ArrayLayer, ArrayLinear
from insitu.torch.recurrent import Recurrent, RecurrentCell
from insitu.torch.unfolded import Unfolded

_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
_UNFOLDED: dict[type[nn.Module], type[Unfolded]] = {
    kind: own for own in (Recurrent, RecurrentCell, Attention) for kind in own.makes
}
_ALLOWED = (
    "allowed are Linear, Conv1d to Conv3d without groups, padded with zeros by a number, "
    f"{', '.join(kind.__name__ for kind in _UNFOLDED)}"
)


def convert(
    model: nn.Module,
    device: Device | str,
    *,
    scheme: Scheme | None = None,
    encoding: Encoding | MultiConductance | None = None,
    chip: Chip | None = None,
    layers: Sequence[str] | None = None,
    headroom: float = 4.0,
    seed: int = 0,
    strict: bool = False,
) -> nn.Module:
    """Return a copy of a model whose matrices are arrays, with the same weights.

    ``Linear`` and ``Conv1d`` to ``Conv3d`` are one array each; RNN, LSTM and GRU, and their cells, are two a layer and
    direction, of inputs and of state; ``MultiheadAttention`` is four, its projections.

    Parameters
    ----------
    device : of all arrays, or the name of one of the library. chip : None is the default.
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
    require_bool("strict", strict)
    require_between("headroom", headroom, 1, 1e3, optional=False)
    scheme = MixedPrecision() if scheme is None else scheme
    require_kind("scheme", scheme, Scheme, "for example MixedPrecision()")
    holder = nn.ModuleDict({"model": copy.deepcopy(model)})  # so that the model itself may be a layer
    chosen, left = _chosen(holder["model"], layers)
    if left and strict:
        raise InputError(f"model: {', '.join(left)} cannot be in arrays; {_ALLOWED}")
    if left:
        warnings.warn(f"left in software: {', '.join(left)}", stacklevel=2)
    _require_apart(holder["model"])
    whole = {one: _UNFOLDED[type(one)](one) for one in chosen if type(one) in _UNFOLDED}
    _replace(holder, whole)
    parts = [whole.get(one, one) for one in chosen]
    matrices = [one for part in parts for one in part.modules() if _is_matrix(one)]
    made_of = {"device": named(device), "scheme": scheme, "chip": chip, "seed": seed}
    arrays = {one: _in_array(one, encoding, headroom, made_of | {"index": index}) for index, one in enumerate(matrices)}
    _replace(holder, arrays)
    for name, one in holder["model"].named_modules():
        if isinstance(one, ArrayLayer | Unfolded):
            one.name = name
    _leave_fast_paths(holder)
    return holder["model"]


def _chosen(model: nn.Module, layers: Sequence[str] | None) -> tuple[list[nn.Module], list[str]]:
    """Return the modules that become arrays, and, of all that could be asked for, the names of those that cannot."""
    found = {name: one for name, one in model.named_modules() if _fits(one)}
    for name in layers or ():
        if name not in found:
            raise InputError(f"layers: no layer '{name}' that can be an array; {suggest(name, found)}")
    chosen = [one for name, one in found.items() if layers is None or name in layers]
    if not chosen:
        raise InputError(f"model: has no layer that can be an array; {_ALLOWED}")
    return chosen, _left_out(model, set(found)) if layers is None else []


def stack_of(model: nn.Module) -> Stack:
    """Return the arrays of a converted model: its counts, its events, ``age(seconds)``, ``warning``."""
    layers = [one.array for one in model.modules() if isinstance(one, ArrayLayer)]
    if not layers:
        raise InputError("model: holds no arrays; convert it first, by insitu.torch.convert(model, device)")
    return Stack(layers)


def _fits(one: nn.Module) -> bool:
    return (type(one) in _UNFOLDED and not _hooked(one)) or _is_matrix(one)


def _is_matrix(one: nn.Module) -> bool:
    """Return whether it is one of PyTorch's own modules, of which nothing but what is converted can be expected."""
    kind: Any = one
    plain = type(one) in _CONVOLUTIONS and kind.groups == 1 and kind.padding_mode == "zeros" and kind.padding != "same"
    return (type(one) is nn.Linear or plain) and not _hooked(one)


def _hooked(one: nn.Module) -> bool:
    """Return whether something else is called where the module is: it would be lost with the module."""
    return bool(one._forward_hooks or one._forward_pre_hooks or one._backward_hooks or one._backward_pre_hooks)


def _require_apart(model: nn.Module) -> None:
    """Raise InputError if two modules share a parameter: in two arrays it would come apart."""
    owner: dict[int, str] = {}
    for name, one in model.named_modules():
        for parameter in one.parameters(recurse=False):
            if (other := owner.setdefault(id(parameter), name)) != name:
                raise InputError(
                    f"model: '{other}' and '{name}' share a parameter, and two arrays would not; use one module in both "
                    "places, or give each its own"
                )


def _replace(holder: nn.Module, others: Mapping[Any, nn.Module]) -> None:
    """Put others in the place of modules, in all places where one is used."""
    for parent in [*holder.modules()]:
        for name, child in parent._modules.items():  # named_children leaves out what comes a second time
            if child in others:
                setattr(parent, name, others[child])


def _leave_fast_paths(holder: nn.Module) -> None:
    """Keep transformers from computing with the weights themselves while listening, past the arrays."""
    for one in holder.modules():
        if not any(isinstance(part, ArrayLayer) for part in one.modules()):
            continue
        if isinstance(one, nn.TransformerEncoderLayer):
            one.activation_relu_or_gelu = 0
        elif isinstance(one, nn.TransformerEncoder):
            one.use_nested_tensor = False


def _left_out(model: nn.Module, taken: set[str]) -> list[str]:
    """Return the names of modules that hold matrices of weights of their own and are not converted."""
    return [
        f"{name or 'model'} ({type(one).__name__})"
        for name, one in model.named_modules()
        if not any(name == other or other == "" or name.startswith(other + ".") for other in taken)
        and any(p.dim() > 1 for p in one.parameters(recurse=False))
    ]


def _values(one: Any) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return the weights (inputs and the bias, outputs)."""
    weight = one.weight.detach().cpu().float().flatten(1).T
    rows = weight if one.bias is None else torch.cat([weight, one.bias.detach().cpu().float()[None]])
    return np.ascontiguousarray(rows.numpy())


def _in_array(
    one: nn.Module, encoding: Encoding | MultiConductance | None, headroom: float, made_of: dict[str, Any]
) -> ArrayLayer:
    """Return a layer with the same weights, in an array that is made of the rest."""
    values, device = _values(one), made_of["device"]
    top = headroom * (float(np.abs(values).max()) or 1.0)
    pair = (OneSidedPair if device.one_sided else DifferentialPair)(w_max=top)
    form: Form = "dense" if "dense" in made_of["scheme"].takes else "factors"
    array = Weights(rows=values.shape[0], columns=values.shape[1], encoding=encoding or pair, form=form, **made_of)
    array.put(values)
    return _layer(one, array, form == "factors")


def _layer(one: Any, array: Weights, factors: bool) -> ArrayLayer:
    shape, biased = tuple(one.weight.shape), one.bias is not None
    if isinstance(one, nn.Linear):
        made: ArrayLayer = ArrayLinear(array, shape, biased=biased, factors=factors)
    else:
        padding = (0,) * len(one.stride) if one.padding == "valid" else one.padding
        made = ArrayConv(
            array, shape, biased=biased, factors=factors, stride=one.stride, padding=padding, dilation=one.dilation
        )
    made.weight.requires_grad_(one.weight.requires_grad)
    if made.bias is not None:
        made.bias.requires_grad_(one.bias.requires_grad)
    made.train(one.training)
    return made
