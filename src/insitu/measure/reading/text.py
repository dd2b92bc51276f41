"""From the bytes of a file to its lines: UTF-8 with and without a mark, UTF-16, else Latin-1."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress

from insitu.errors import InputError

WANTED = "wanted is a table of measured pulses, as text (CSV) or .xlsx"
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\ufffe\uffff]")
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def lines_of(name: str, data: bytes) -> list[str]:
    """Return the lines of a text.

    Raises
    ------
    InputError : it is none.
    """
    if data.startswith(_OLD_EXCEL):
        raise InputError(f"{name}: is a file of an Excel before 2007; save it as .xlsx or CSV")
    text = _decoded(data).removesuffix("\x1a")
    if _CONTROL.search(text):
        raise InputError(f"{name}: is no text; {WANTED}")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _decoded(data: bytes) -> str:
    for encoding in _candidates(data):
        with suppress(UnicodeDecodeError):
            return data.decode(encoding)
    return data.decode("latin-1")


def _candidates(data: bytes) -> tuple[str, ...]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    start = data[:1000]
    for encoding, nuls in (("utf-16-le", start[1::2]), ("utf-16-be", start[0::2])):
        if len(start) > 1 and nuls.count(0) > 0.8 * len(nuls):  # Latin letters and digits, each after or before a 0
            return (encoding,)
    return ("utf-8-sig",)
