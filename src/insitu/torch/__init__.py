"""PyTorch modules whose weights are in memory: ``convert`` a model, wrap its ``optimizer``, and train it as before.

    model = insitu.torch.convert(model, insitu.load("gong2022-om"), scheme=MixedPrecision())
    optimizer = insitu.torch.Optimizer(model, torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9))

Import it by ``import insitu.torch``; it wants ``pip install insitu[torch]``.
"""

from importlib.util import find_spec

if find_spec("torch") is None:
    raise ImportError("insitu.torch wants PyTorch, which is not installed: pip install insitu[torch]")

from insitu.torch.converting import convert, stack_of
from insitu.torch.layers import ArrayConv, ArrayLayer, ArrayLinear
from insitu.torch.training import Optimizer

__all__ = ["ArrayConv", "ArrayLayer", "ArrayLinear", "Optimizer", "convert", "stack_of"]
