"""Memory of kernels, which count no references to arrays (see insitu.kernels.state.KERNEL): the stack, and states by address.

The state of an array is a quarter of a thousand words. Handed on by value, it would be copied at every call; so it stands in
memory once, what calls hand on is its address, and a function loads what it uses.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types, uint64
from numba.core import cgutils
from numba.core.datamodel.models import PrimitiveModel
from numba.core.imputils import lower_getattr_generic
from numba.core.registry import cpu_target
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import intrinsic, register_model
from numba.np.arrayobj import make_array, populate_array
from numpy.typing import NDArray

from insitu.kernels.state import KERNEL, STATE_TYPE, ArrayState


@intrinsic
def stack(_typing: Any, size: Any, dtype: Any) -> Any:
    """Return an array (size,), not filled; ``size`` is a constant. It lives as long as the function that asks for it.

    A row of its own for each list: LLVM then knows that two of them do not overlap, and its loops over them run on all lanes.
    """
    if not isinstance(size, types.IntegerLiteral):
        return None
    array = types.Array(dtype.dtype, 1, "C")

    def lower(context: Any, builder: Any, _signature: Any, _args: Any) -> Any:
        of = context.get_data_type(dtype.dtype)
        width = context.get_constant(types.intp, context.get_abi_sizeof(of))
        made, count = make_array(array)(context, builder), context.get_constant(types.intp, size.literal_value)
        data = cgutils.alloca_once(builder, of, size=size.literal_value)
        shape, strides = cgutils.pack_array(builder, [count]), cgutils.pack_array(builder, [width])
        populate_array(made, data=data, shape=shape, strides=strides, itemsize=width, meminfo=None)
        return made._getvalue()

    return array(size, dtype), lower


class _State(types.Type):
    """An ArrayState whose fields are loaded where they are used: code that moves all its words takes long to compile."""

    def __init__(self) -> None:
        super().__init__("ArrayState in memory")


@register_model(_State)
class _Pointer(PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, manager[STATE_TYPE].get_data_type().as_pointer())


@infer_getattr
class _Fields(AttributeTemplate):
    key = _State

    def generic_resolve(self, _kind: Any, name: str) -> Any:
        return STATE_TYPE.types[STATE_TYPE.fields.index(name)]


@lower_getattr_generic(_State)
def _field(context: Any, builder: Any, _kind: Any, state: Any, name: str) -> Any:
    place = STATE_TYPE.fields.index(name)
    model = context.data_model_manager[STATE_TYPE.types[place]]
    return model.load_from_data_pointer(builder, cgutils.gep_inbounds(builder, state, 0, place))


@intrinsic
def state_at(_typing: Any, address: Any) -> Any:
    """Return the ArrayState that stands at an address, see :func:`placed`.

    A copy on the stack: LLVM knows that nothing writes to it, and keeps what is used of it in registers.
    """

    def lower(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        of = context.data_model_manager[STATE_TYPE].get_data_type()
        copy, one = cgutils.alloca_once(builder, of), context.get_constant(types.intp, 1)
        there = builder.inttoptr(args[0], of.as_pointer())
        cgutils.raw_memcpy(builder, copy, there, one, context.get_abi_sizeof(of), align=8)
        return copy

    return _State()(address), lower


@intrinsic
def _put(_typing: Any, state: Any, words: Any) -> Any:
    def lower(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        model = context.data_model_manager[STATE_TYPE]
        data = make_array(words)(context, builder, args[1]).data
        builder.store(model.as_data(builder, args[0]), builder.bitcast(data, model.get_data_type().as_pointer()))
        return context.get_dummy_value()

    return types.void(state, words), lower


@njit(types.void(STATE_TYPE, uint64[::1]), **KERNEL)
def _store(state, words):
    _put(state, words)


def placed(state: ArrayState) -> NDArray[np.uint64]:
    """Return the words of a state, whose address stands for it as long as they and its arrays are kept."""
    size = cpu_target.target_context.get_abi_sizeof(cpu_target.target_context.get_data_type(STATE_TYPE))
    words = np.zeros(-(-size // 8), np.uint64)
    _store(state, words)
    return words
