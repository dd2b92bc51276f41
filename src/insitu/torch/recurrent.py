"""Recurrent modules of PyTorch whose matrices are layers, step after step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from insitu.errors import InputError
from insitu.torch.inputs import require_input
from insitu.torch.unfolded import Unfolded, linear

State = tuple[torch.Tensor, ...]  #: (h,), of an LSTM (h, c), each (n, units)


def _lstm(x: torch.Tensor, h: torch.Tensor, state: State) -> State:
    write, keep, new, show = (x + h).chunk(4, 1)
    c = keep.sigmoid() * state[1] + write.sigmoid() * new.tanh()
    return show.sigmoid() * c.tanh(), c


def _gru(x: torch.Tensor, h: torch.Tensor, state: State) -> State:
    (reset, keep, new), (reset_h, keep_h, new_h) = x.chunk(3, 1), h.chunk(3, 1)
    keep = (keep + keep_h).sigmoid()
    new = (new + (reset + reset_h).sigmoid() * new_h).tanh()
    return ((1 - keep) * new + keep * state[0],)


_RULES: dict[str, Callable[[torch.Tensor, torch.Tensor, State], State]] = {
    "LSTM": _lstm,
    "GRU": _gru,
    "RNN_TANH": lambda x, h, state: ((x + h).tanh(),),
    "RNN_RELU": lambda x, h, state: ((x + h).relu(),),
}


class Gates(nn.Module):
    """One layer in one direction: what it makes of the sums of its inputs and its state, as PyTorch's documents have it."""

    def __init__(self, mode: str, ih: nn.Linear, hh: nn.Linear, hr: nn.Linear | None = None) -> None:
        super().__init__()
        self.mode, self.ih, self.hh, self.hr = mode, ih, hh, hr

    def after(self, sums: torch.Tensor, state: State) -> State:
        """Return the state after a step, of the sums of its inputs and the state before."""
        h, *c = _RULES[self.mode](sums, self.hh(state[0]), state)
        return (h if self.hr is None else self.hr(h), *c)

    def run(self, x: torch.Tensor, sizes: list[int], state: State, backward: bool) -> tuple[torch.Tensor, State]:
        """Return h of all steps, as x, and the last state of each example.

        x (sum of sizes, inputs) has the examples of the first step, then those of the second, and so on: of the longest
        first, so that those of step t are the first ``sizes[t]``.
        """
        sums = self.ih(x).split(sizes)  # of all steps in one read: they do not depend on the state
        shown: dict[int, torch.Tensor] = {}
        for t in sorted(range(len(sizes)), reverse=backward):
            n = sizes[t]
            new = self.after(sums[t], tuple(one[:n] for one in state))
            state = tuple(torch.cat([one, old[n:]]) for one, old in zip(new, state, strict=True))
            shown[t] = new[0]
        return torch.cat([shown[t] for t in range(len(sizes))]), state


class Recurrent(Unfolded):
    """:class:`torch.nn.RNN`, LSTM or GRU, of several layers and in both directions: two matrices a layer and direction."""

    makes: ClassVar = (nn.RNN, nn.LSTM, nn.GRU)

    def __init__(self, one: Any) -> None:
        super().__init__()
        self.mode, self.input_size = one.mode, one.input_size
        self.hidden_size, self.proj_size = one.hidden_size, one.proj_size
        self.num_layers, self.bidirectional, self.ways = one.num_layers, one.bidirectional, 1 + one.bidirectional
        self.batch_first, self.dropout = one.batch_first, one.dropout
        self.parts = {}
        for layer in range(self.num_layers):
            for way in ("", "_reverse")[: self.ways]:
                place = f"l{layer}{way}"
                made = {
                    kind: linear(getattr(one, f"weight_{kind}_{place}"), one.bias and kind != "hr")
                    for kind in ("ih", "hh", "hr")[: 3 if one.proj_size else 2]
                }
                self.add_module(place, Gates(self.mode, **made))
                for kind, of in made.items():
                    names = ("weight", "bias") if of.bias is not None else ("weight",)
                    self.parts |= {f"{name}_{kind}_{place}": (f"{place}.{kind}.{name}",) for name in names}
        self.take(one)

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        """Return what PyTorch's module returns: h of the last layer at all steps, and the last states of all layers."""
        x = input
        packed = x if isinstance(x, PackedSequence) else None
        alone = packed is None and x.dim() == 2
        axes, given = ((2, 3), x) if packed is None else ((2,), packed.data)
        fits = given.dim() in axes and given.shape[-1] == self.input_size
        allowed = f"(steps, examples, {self.input_size}), as batch_first has it, or (steps, {self.input_size})"
        require_input(self.name, given, fits, allowed)
        if packed is not None:
            data, sizes = packed.data, packed.batch_sizes.tolist()
        else:
            x = x[None] if alone and self.batch_first else x[:, None] if alone else x
            x = x.transpose(0, 1) if self.batch_first else x
            data, sizes = x.flatten(0, 1), [x.shape[1]] * len(x)
        states = self._states(hx, data, sizes[0], packed, alone)
        ends = []
        for layer in range(self.num_layers):
            found = []
            for way in range(self.ways):
                gates: Any = self.get_submodule(f"l{layer}" + ("_reverse" if way else ""))
                state = tuple(one[layer * self.ways + way] for one in states)
                h, end = gates.run(data, sizes, state, bool(way))
                found.append(h)
                ends.append(end)
            data = torch.cat(found, 1)
            if layer + 1 < self.num_layers:
                data = nn.functional.dropout(data, self.dropout, self.training)
        last = [torch.stack(one) for one in zip(*ends, strict=True)]
        if packed is not None:
            order = packed.unsorted_indices
            last = last if order is None else [one.index_select(1, order) for one in last]
            y: Any = PackedSequence(data, packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices)
        else:
            y = data.unflatten(0, (len(sizes), -1))
            y = y.transpose(0, 1) if self.batch_first else y
            if alone:
                y, last = y.squeeze(0 if self.batch_first else 1), [one[:, 0] for one in last]
        return y, tuple(last) if self.mode == "LSTM" else last[0]

    def flatten_parameters(self) -> None:
        """Do nothing: there is no compact copy of the weights."""

    def _states(self, hx: Any, data: torch.Tensor, n: int, packed: PackedSequence | None, alone: bool) -> State:
        """Return the first states, each (layers x ways, n, units), in the order of the examples; zeros if none are given."""
        widths = (self.proj_size or self.hidden_size, self.hidden_size)[: 2 if self.mode == "LSTM" else 1]
        wanted = [(self.num_layers * self.ways, n, width) for width in widths]
        if hx is None:
            return tuple(data.new_zeros(shape) for shape in wanted)
        given = hx if self.mode == "LSTM" else (hx,)
        given = tuple(one[:, None] for one in given) if alone else tuple(given)
        _require_shapes(given, wanted)
        order = None if packed is None else packed.sorted_indices
        return given if order is None else tuple(one.index_select(1, order) for one in given)


def _require_shapes(states: State, wanted: Sequence[tuple[int, ...]]) -> None:
    if (shapes := [tuple(one.shape) for one in states]) != wanted:
        raise InputError(f"hx: got states of the shapes {shapes}; allowed are {wanted}: ([layers,] examples, units)")


class RecurrentCell(Unfolded):
    """:class:`torch.nn.RNNCell`, LSTMCell or GRUCell: one step."""

    makes: ClassVar = (nn.RNNCell, nn.LSTMCell, nn.GRUCell)

    def __init__(self, one: Any) -> None:
        super().__init__()
        mode = f"RNN_{one.nonlinearity.upper()}" if isinstance(one, nn.RNNCell) else type(one).__name__[: -len("Cell")]
        self.gates = Gates(mode, linear(one.weight_ih, one.bias), linear(one.weight_hh, one.bias))
        names = ("weight", "bias") if one.bias else ("weight",)
        self.parts = {f"{name}_{kind}": (f"gates.{kind}.{name}",) for kind in ("ih", "hh") for name in names}
        self.input_size, self.hidden_size = one.input_size, one.hidden_size
        self.take(one)

    def forward(self, x: torch.Tensor, hx: Any = None) -> Any:
        """Return h, of an LSTM (h, c), for x (n, inputs) or one example."""
        if x.dim() == 1:
            given = hx if hx is None or isinstance(hx, torch.Tensor) else tuple(one[None] for one in hx)
            found = self.forward(x[None], given[None] if isinstance(given, torch.Tensor) else given)
            return found[0] if isinstance(found, torch.Tensor) else tuple(one[0] for one in found)
        if hx is None:
            hx = (x.new_zeros(len(x), self.hidden_size),) * (2 if self.gates.mode == "LSTM" else 1)
        given = (hx,) if isinstance(hx, torch.Tensor) else tuple(hx)
        _require_shapes(given, [(len(x), self.hidden_size)] * len(given))
        state = self.gates.after(self.gates.ih(x), given)
        return state if self.gates.mode == "LSTM" else state[0]
