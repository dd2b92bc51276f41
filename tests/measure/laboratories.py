"""The same pulses as different laboratories write them."""

import numpy as np

from insitu.measure import pulses


def ramps(seed=0, n=4, size=25):
    """n curves, up and down in turn, of readings in S to six digits."""
    rng, found, g = np.random.default_rng(seed), [], 2e-6
    for i in range(n):
        steps = (1 if i % 2 == 0 else -1) * rng.uniform(0.5, 1.5, size + i % 3) * 6e-6 / size
        found.append((1 if i % 2 == 0 else -1, [float(f"{value:.6g}") for value in g + np.cumsum(steps)]))
        g = found[-1][1][-1]
    return found


def expected(curves, device=""):
    """What every layout of curves has to give: each is a train, its first reading a start only."""
    way, before, after, index = [], [], [], []
    for i, (direction, values) in enumerate(curves):
        way += [direction] * (len(values) - 1)
        before += values[:-1]
        after += values[1:]
        index += [1000 * i + j for j in range(len(values) - 1)]
    return pulses(way, before, after, device=[device] * len(way), index=index)


def rows_of(curves):
    """(number of the pulse, +1 or -1, reading after it) of each, a gap in the number before each curve."""
    return [
        (sum(len(values) + 5 for _, values in curves[:i]) + j, way, value)
        for i, (way, values) in enumerate(curves)
        for j, value in enumerate(values)
    ]


def long_rows(curves, device=None, extra=()):
    """Header and rows of the documented layout."""
    head = [*(["device_id"] if device else []), "pulse_index", "polarity", "g_after_S", *(name for name, _ in extra)]
    return [
        head,
        *(
            [*([device] if device else []), at, way, repr(value), *(cell for _, cell in extra)]
            for at, way, value in rows_of(curves)
        ),
    ]


def wide_rows(curves, head=None, scale=1.0):
    """A column a curve, blank where one is shorter."""
    longest = max(len(values) for _, values in curves)
    columns = [[repr(value * scale) for value in values] + [""] * (longest - len(values)) for _, values in curves]
    return [*([head] if head else []), *map(list, zip(*columns, strict=True))]


def text_of(rows, separator=",", comma=False):
    """Rows as lines of text."""
    lines = [separator.join(map(str, row)) for row in rows]
    head = 0 if _numeric(rows[0]) else 1
    if comma:
        lines[head:] = [line.replace(".", ",") for line in lines[head:]]
    return "\n".join(lines) + "\n"


def _numeric(row):
    try:
        return all(np.isfinite(float(cell or 0)) for cell in row)
    except ValueError:
        return False


def write(path, rows, separator=",", comma=False, encoding="utf-8"):
    """Write rows as text; return the path."""
    path.write_bytes((rows if isinstance(rows, str) else text_of(rows, separator, comma)).encode(encoding))
    return path


def same(one, other, rtol=0.0):
    """Assert that pulses are the same, devices left aside."""
    assert len(one.names) == len(other.names)
    for name in ("of", "polarity", "link"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    for name in ("before", "after"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=rtol, atol=0)
