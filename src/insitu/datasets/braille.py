"""Words as Braille dots: six dots a letter, raised (+1) or not (-1)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from insitu.datasets.dataset import Dataset
from insitu.errors import InputError, require_between, require_whole
from insitu.random import Stream, uniform
from insitu.random import words as random_words

#: the list of the paper is not known; these nine are ours
NAMES = ("turing", "lovelace", "hopper", "shannon", "neumann", "dijkstra", "knuth", "babbage", "hopfield")

_FIRST = {"a": 1, "b": 12, "c": 14, "d": 145, "e": 15, "f": 124, "g": 1245, "h": 125, "i": 24, "j": 245}
#: letter -> raised dots; 1, 2, 3 is the left column from the top, 4, 5, 6 the right one (World Braille Usage, UNESCO 2013)
DOTS = {letter: str(dots) for letter, dots in _FIRST.items()}
DOTS |= {new: f"{_FIRST[old]}3" for new, old in zip("klmnopqrst", "abcdefghij", strict=True)}
DOTS |= {new: f"{_FIRST[old]}36" for new, old in zip("uvxyz", "abcde", strict=True)}
DOTS["w"] = "2456"


def encode(words: Sequence[str], cells: int = 10) -> NDArray[np.float32]:
    """Return the patterns (words, 6 cells) of +1 (raised) and -1, words filled up with empty cells.

    Raises
    ------
    InputError
        If there is no word, one has a character that is not a to z, is longer than the cells, or is there twice.
    """
    require_whole("cells", cells, 1)
    if isinstance(words, str) or not len(words):
        raise InputError(f"words: got {words!r}; allowed is a list of at least one word, such as ['turing', 'hopper']")
    patterns = np.full((len(words), cells, 6), -1, np.float32)
    for place, word in enumerate(words):
        strange = sorted({c for c in word.lower() if c not in DOTS})
        if not word or strange:
            which = f"the character {strange[0]!r}" if strange else "no letter at all"
            raise InputError(f"words: {word!r} has {which}; allowed are the letters a to z")
        if len(word) > cells:
            raise InputError(f"words: {word!r} has {len(word)} letters but there are {cells} cells; raise data.cells")
        for cell, letter in enumerate(word.lower()):
            patterns[place, cell, [int(dot) - 1 for dot in DOTS[letter]]] = 1
    lower = [word.lower() for word in words]
    for word in lower:
        if lower.count(word) > 1:
            raise InputError(f"words: {word!r} is there {lower.count(word)} times; each word may be there once")
    return patterns.reshape(len(words), -1)


def decode(pattern: NDArray[np.floating]) -> str:
    """Return the letters of a pattern (6 cells,): a space for an empty cell, ? for dots that are no letter."""
    letters = {dots: letter for letter, dots in ((k, "".join(sorted(v))) for k, v in DOTS.items())} | {"": " "}
    cells = np.asarray(pattern).reshape(-1, 6) > 0
    raised = ("".join(str(dot + 1) for dot in np.flatnonzero(cell)) for cell in cells)
    return "".join(letters.get(dots, "?") for dots in raised)


def distort(
    patterns: NDArray[np.float32], flip: float | tuple[float, float], *, erased: int = 0, seed: int = 0, batch: int = 0
) -> NDArray[np.float32]:
    """Return patterns (n, units) with every dot flipped with a probability, then whole cells erased (no dot raised).

    Parameters
    ----------
    flip : probability of a flip, 0 to 1; or (lowest, highest), between which it is drawn for each pattern.
    erased : cells of 6 units of each pattern that are erased, at random.
    seed, batch : address of the random numbers.
    """
    low, high = flip if isinstance(flip, tuple) else (flip, flip)
    for value in (low, high):
        require_between("flip", value, 0, 1, hint="It is the probability that a dot is flipped", optional=False)
    if low > high:
        raise InputError(f"flip: got {low:g} to {high:g}; give the lower probability first")
    n, units = patterns.shape
    require_whole("erased", erased, 0, units // 6)
    drawn = random_words(seed, Stream.CORRUPT, -(-n * (units + 1) // 4), 2 * batch).ravel()  # four numbers a block
    u = ((drawn[: n * (units + 1)] + 0.5) * 2.0**-32).reshape(n, units + 1)
    out = np.where(u[:, :-1] < low + (high - low) * u[:, -1:], -patterns, patterns)
    if erased:
        order = uniform(seed, Stream.CORRUPT, n * (units // 6), 2 * batch + 1).reshape(n, -1).argsort(axis=1)
        np.put_along_axis(out.reshape(n, -1, 6), order[:, :erased, None], np.float32(-1), axis=1)
    return out


def as_dataset(words: Sequence[str], cells: int = 10) -> Dataset:
    """Return the words as a data set of images, 3 x 2 pixels a letter, for what keeps the records of a run."""
    patterns = encode(words, cells)
    images = np.where(patterns > 0, 255, 0).astype(np.uint8)
    labels = np.arange(len(words)).astype(np.uint8)
    if len(words) > 256:
        raise InputError(f"words: got {len(words)}; at most 256 are allowed")
    shape = (len(patterns[0]) // 2, 2)
    note = f"Data: {len(words)} words in Braille ({', '.join(words)}), {cells} cells of 6 dots."
    return Dataset.of("braille", (images, labels, images, labels), shape, note)
