"""Files as chance, a full disk or malice leaves them: bytes, text and values changed at random places."""

from __future__ import annotations

import copy
import gzip
import json
import random
from typing import Any

import numpy as np
import tomli_w
from numpy.typing import NDArray

NASTY = (
    *("", "x", "../../etc/passwd", "\0", "\ud800", "[red]", "nan", "1e999", "-0", "=", "a" * 5000, "🦓", "none", "off"),
    *(None, True, False, 0, -1, 1, 2**31, 2**63, -(2**64), 10**29, 10**400, 0.5, -0.0, 1e-320, 1e308),
    *(float("nan"), float("inf"), [], [0], [[]], {}, {"a": 1}, [1e308, -1], ["a", 1], {"": {"": []}}),
)
_TOKENS = (
    *(
        b"9" * 100_000,
        b"-",
        b"1e400",
        b"nan",
        b"inf",
        b",",
        b"\n",
        b'"',
        b"'",
        b"#",
        b"=",
        b"[",
        b"]" * 40,
        b"{",
        b"\0",
    ),
    *(
        b"\xff\xfe",
        b"\x1f\x8b",
        b"PK\x03\x04",
        b"\xff" * 8,
        b"[" * 5000,
        b"a." * 5000,
        b"\r",
        b";",
        b"\t",
        b"_",
        b"true",
    ),
)
_REPEATED = (*map(bytes, zip(range(32, 127))), b"\n", b"\t", b"\0", b"9x", b"a ", b"a=1\n", b"1,", "µ".encode())


def damaged(chance: random.Random, content: bytes) -> bytes:
    """Return a file with a few of its bytes changed, lost, doubled, or nonsense put between them."""
    found = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        at = chance.randrange(len(found) + 1)
        far = min(len(found), at + chance.choice((1, 2, 8, 64, 4096)))
        kind = chance.randrange(5)
        if kind == 0 and at < len(found):
            found[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del found[at:far]
        elif kind == 2:
            found[at:at] = found[at:far]
        elif kind == 3:
            found[at:at] = chance.choice(_TOKENS) if chance.random() < 0.9 else chance.choice(_REPEATED) * 50_000
        else:
            del found[at : None if chance.random() < 0.3 else at + 1]
    return bytes(found)


def replaced(chance: random.Random, value: Any) -> Any:
    """Return a table with one of its values replaced by a nasty one, lost, or under another name."""
    found = copy.deepcopy(value)
    places = list(_places(found))
    if not places:
        return chance.choice(NASTY)
    inside, key = chance.choice(places)
    kind = chance.randrange(6)
    if kind == 0:
        del inside[key]
    elif kind == 1 and isinstance(inside, dict):
        inside[chance.choice(("", "x", "a.b", "\n", str(key).upper()))] = inside.pop(key)
    else:
        inside[key] = chance.choice(NASTY)
    return found


def _places(value: Any):
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in list(keys):
        yield value, key
        yield from _places(value[key])


def mutated(chance: random.Random, content: bytes, table: Any = None, kind: str = "") -> bytes:
    """Return a changed file; one that holds a table, as ``json`` or ``toml``, is changed in its values half of the time."""
    if table is not None and chance.random() < 0.5:
        try:
            changed = replaced(chance, table)
            return (tomli_w.dumps(changed) if kind == "toml" else json.dumps(changed)).encode()
        except (TypeError, ValueError, AttributeError):  # nothing that could be written so
            pass
    if content[:2] == b"\x1f\x8b" and chance.random() < 0.5:
        return gzip.compress(damaged(chance, gzip.decompress(content)), 1)
    return damaged(chance, content)


def other_arrays(chance: random.Random, arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return arrays of which one is lost, or of another shape, kind or content."""
    name = chance.choice(sorted(arrays))
    one = arrays[name]
    others = [one.ravel(), one[..., None], one.astype(np.float16), one.astype("U3"), one.astype(complex), one[:0]]
    others += [np.zeros(()), np.full(3, np.nan), np.full_like(one, -1 if one.dtype.kind != "u" else 255), one[:1]]
    others += [np.full(one.shape, np.inf), np.zeros((*one.shape, 2)), np.array([10**9, 10**9, 3])]
    found = {key: value for key, value in arrays.items() if key != name}
    return found if chance.random() < 0.1 else found | {name: chance.choice(others) if one.ndim else others[-1]}
