"""Attention of PyTorch whose projections are layers."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import nn

from insitu.torch.unfolded import Unfolded, linear

_PROJECTIONS = ("q_proj", "k_proj", "v_proj")


class Attention(Unfolded):
    """:class:`torch.nn.MultiheadAttention`: queries, keys, values and outputs are projected by matrices of their own.

    What follows of the projected queries, keys and values (their products, softmax, masks) is computed digitally, by PyTorch.
    """

    makes: ClassVar = (nn.MultiheadAttention,)
    in_proj_bias = None  # so that layers of transformers do not take a fast path around the arrays
    _qkv_same_embed_dim = False

    def __init__(self, one: Any) -> None:
        super().__init__()
        self.embed_dim, self.num_heads, self.dropout = one.embed_dim, one.num_heads, one.dropout
        self.batch_first, self.add_zero_attn = one.batch_first, one.add_zero_attn
        biased = one.in_proj_bias is not None
        packed = one.in_proj_weight is not None
        weights = one.in_proj_weight.chunk(3) if packed else [getattr(one, f"{name}_weight") for name in _PROJECTIONS]
        for name, weight in zip(_PROJECTIONS, weights, strict=True):
            self.add_module(name, linear(weight, biased))
        self.out_proj = linear(one.out_proj.weight, one.out_proj.bias is not None)
        self.bias_k, self.bias_v = one.bias_k, one.bias_v
        own = tuple(f"{name}.weight" for name in _PROJECTIONS)
        self.parts = (
            {"in_proj_weight": own} if packed else {f"{name}_weight": (f"{name}.weight",) for name in _PROJECTIONS}
        )
        if biased:
            self.parts |= {"in_proj_bias": tuple(f"{name}.bias" for name in _PROJECTIONS)}
        self.register_buffer("_unit", torch.eye(self.embed_dim), persistent=False)
        self.take(one)

    def forward(
        self, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor,
        key_padding_mask: torch.Tensor | None = None, need_weights: bool = True, attn_mask: torch.Tensor | None = None,
        average_attn_weights: bool = True, is_causal: bool = False,
    ) -> tuple[torch.Tensor, torch.Tensor | None]:  # fmt: skip
        """Return what PyTorch's module returns: outputs, and weights of attention if they are wanted."""
        q, k, v = (self.get_submodule(name)(x) for name, x in zip(_PROJECTIONS, (query, key, value), strict=True))
        turned = self.batch_first and query.dim() == 3
        if turned:
            q, k, v = (one.transpose(0, 1) for one in (q, k, v))
        unit: Any = self._unit  # the projections are done, so PyTorch is given matrices that change nothing
        y, weights = nn.functional.multi_head_attention_forward(
            q, k, v, self.embed_dim, self.num_heads, None, None, self.bias_k, self.bias_v, self.add_zero_attn,
            self.dropout, unit, None, training=self.training, key_padding_mask=key_padding_mask,
            need_weights=need_weights, attn_mask=attn_mask, use_separate_proj_weight=True, q_proj_weight=unit,
            k_proj_weight=unit, v_proj_weight=unit, average_attn_weights=average_attn_weights, is_causal=is_causal,
        )  # fmt: skip
        return self.out_proj(y.transpose(0, 1) if turned else y), weights
