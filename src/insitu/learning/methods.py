"""What a method of training in place is: options, what it keeps beside the weights, and what the kernels want of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from insitu.arrays.crossbar import Crossbar
from insitu.arrays.stack import Stack
from insitu.arrays.transfer import Transfer
from insitu.errors import InputError, require_between, require_whole


class Beside:
    """What a method keeps beside the weights of one layer.

    Parameters
    ----------
    memory : (rows, columns) float32, digital; (1, 1) if the method has none.
    fast : an array that gets the pulses in place of the weights, if there is one.
    """

    def __init__(self, memory: NDArray[np.float32] | None = None, fast: Crossbar | None = None) -> None:
        self.memory = np.zeros((1, 1), np.float32) if memory is None else memory
        self.fast = fast

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return a copy of all that training changed, for a checkpoint."""
        fast = {} if self.fast is None else {f"fast.{name}": a for name, a in self.fast.arrays().items()}
        return {"memory": self.memory.copy()} | fast

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Put back what :meth:`arrays` returned."""
        saved = arrays.get("memory")
        if saved is None or saved.shape != self.memory.shape or saved.dtype != self.memory.dtype:
            raise InputError(
                "restore: 'memory' is missing or not of this method; resume with the method of the first run"
            )
        self.memory[:] = saved
        if self.fast is not None:
            self.fast.restore({k.removeprefix("fast."): a for k, a in arrays.items() if k.startswith("fast.")})


class Wiring(NamedTuple):
    """What the training loop of :mod:`insitu.kernels.perceptron` wants for one layer; memory is shared, not copied."""

    weights: NDArray[np.float32]  #: (rows, columns) that are read
    state: Any  #: of the array that gets the pulses
    taker: Any  #: of the array to which what it has learned is carried
    update: Any  #: compiled, of UPDATE_TYPE
    carry: Any  #: compiled, of CARRY_TYPE; None if there is nothing to carry
    memory: NDArray[np.float32]  #: (rows, columns) or (1, 1)
    vector: Callable[[float], list[float]]  #: the numbers of update and carry at a learning rate


@dataclass(frozen=True, kw_only=True)
class Method(ABC):
    """How a network learns: the abstract base of the update schemes.

    Parameters
    ----------
    transfer : when and how weights of several significances move up; None never. With a single array, pairs of one-sided
        devices that are about to saturate are refreshed instead (G. Burr et al., 2015).
    image_seconds : physical time an image takes, for leak and drift, s.
    aging : images between two looks at the clock; leak and drift advance in such steps.
    """

    transfer: Transfer | None = field(default_factory=Transfer)
    image_seconds: float = 1e-6
    aging: int = 2000

    def __post_init__(self) -> None:
        require_between("image_seconds", self.image_seconds, 0, 1e9, unit="s", optional=False)
        require_whole("aging", self.aging, 1)

    @abstractmethod
    def beside(self, stack: Stack, index: int) -> Beside:
        """Return what is kept beside one layer; ``index`` is free for the random numbers of one more array."""

    @abstractmethod
    def wiring(self, stack: Stack, beside: Beside) -> Wiring:
        """Return what the training loop wants for one layer."""
