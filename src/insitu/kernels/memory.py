"""Memory of kernels, which count no references to arrays (see insitu.kernels.state.KERNEL): the stack, and tuples by address.

The state of an array is a quarter of a thousand words. Handed on by value, it would be copied at every call; so it stands in
memory once, what calls hand on is its address, and a function loads what it uses. So do reads and layers, of which a loop
takes a list of addresses, whatever their number.
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

from insitu.kernels.state import KERNEL, READ_TYPE, STATE_TYPE, WIRING_TYPE, ArrayState, Read, Wiring


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


class _InMemory(types.Type):
    """A named tuple whose fields are loaded where they are used: code that moves all its words takes long to compile."""

    def __init__(self, of: Any) -> None:
        self.of = of
        super().__init__(f"{of.instance_class.__name__} in memory")


@register_model(_InMemory)
class _Pointer(PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, manager[kind.of].get_data_type().as_pointer())


@infer_getattr
class _Fields(AttributeTemplate):
    key = _InMemory

    def generic_resolve(self, kind: Any, name: str) -> Any:
        return kind.of.types[kind.of.fields.index(name)]


@lower_getattr_generic(_InMemory)
def _field(context: Any, builder: Any, kind: Any, there: Any, name: str) -> Any:
    place = kind.of.fields.index(name)
    model = context.data_model_manager[kind.of.types[place]]
    return model.load_from_data_pointer(builder, cgutils.gep_inbounds(builder, there, 0, place))


def _reader(kind: Any) -> Any:
    """Return the function that kernels call for a tuple of this type by its address, see :func:`placed`."""

    @intrinsic
    def load(_typing: Any, address: Any) -> Any:
        """Return a copy on the stack: LLVM knows that nothing writes to it, and keeps what is used of it in registers."""

        def lower(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            of = context.data_model_manager[kind].get_data_type()
            copy, one = cgutils.alloca_once(builder, of), context.get_constant(types.intp, 1)
            there = builder.inttoptr(args[0], of.as_pointer())
            cgutils.raw_memcpy(builder, copy, there, one, context.get_abi_sizeof(of), align=8)
            return copy

        return _InMemory(kind)(address), lower

    return load


_KINDS = {ArrayState: STATE_TYPE, Read: READ_TYPE, Wiring: WIRING_TYPE}
state_at, read_at, wiring_at = map(_reader, _KINDS.values())


@intrinsic
def _put(_typing: Any, of: Any, words: Any) -> Any:
    def lower(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        model = context.data_model_manager[of]
        data = make_array(words)(context, builder, args[1]).data
        builder.store(model.as_data(builder, args[0]), builder.bitcast(data, model.get_data_type().as_pointer()))
        return context.get_dummy_value()

    return types.void(of, words), lower


@njit([types.void(kind, uint64[::1]) for kind in _KINDS.values()], **KERNEL)
def _store(of, words):
    _put(of, words)


class Placed:
    """A named tuple in memory, where kernels find it by its address as long as this object is kept.

    Attributes
    ----------
    of : the tuple; what it refers to is kept with it. address : of its words.
    """

    def __init__(self, of: ArrayState | Read | Wiring) -> None:
        kind = _KINDS[type(of)]
        size = cpu_target.target_context.get_abi_sizeof(cpu_target.target_context.get_data_type(kind))
        self.of, self._words = of, np.zeros(-(-size // 8), np.uint64)
        self.address = np.uint64(self._words.ctypes.data)
        _store.overloads[kind, uint64[::1]].entry_point(of, self._words)
