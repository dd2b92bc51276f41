"""From the bytes of a file to its lines: UTF-8 with and without a mark, UTF-16, Chinese (GB 18030), else Latin-1."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress

from insitu.errors import InputError

WANTED = "wanted is a table of measured pulses, as text (CSV) or .xlsx"
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\ufffe\uffff]")
_FIRST_LEVEL = range(0xB0, 0xD8)  #: first bytes in GB 2312
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
    with suppress(UnicodeDecodeError):
        text = data.decode("gb18030")
        if _is_chinese(text):
            return text
    return data.decode("latin-1")


def _is_chinese(text: str) -> bool:
    """Whether a text read as Chinese holds usual characters, and no rare ones: µS, °C, ä and ß of Latin-1 would be such.

    Usual are the 3,755 of the first level of GB 2312; µ, which that lacks, is none of those that Latin-1 turns into.
    """
    usual = False
    for letter in {one for one in text if one > "\x7f" and one != "µ"}:
        try:
            usual |= letter.encode("gb2312")[0] in _FIRST_LEVEL
        except UnicodeEncodeError:
            return False
    return usual


def _candidates(data: bytes) -> tuple[str, ...]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    start = data[:1000]
    for encoding, nuls in (("utf-16-le", start[1::2]), ("utf-16-be", start[0::2])):
        if len(start) > 1 and nuls.count(0) > 0.8 * len(nuls):  # Latin letters and digits, each after or before a 0
            return (encoding,)
    return ("utf-8-sig",)
