"""Random pulses in random layouts read back as they are; whatever a file holds ends in pulses or in a sentence."""

import time
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from laboratories import expected, long_rows, ramps, same, text_of, wide_rows, write

from insitu.errors import InputError
from insitu.measure import read_pulses

PARTS = [
    b"nan",
    b"",
    b"1e400",
    b"-1",
    b'"',
    b";",
    b",",
    b"\t",
    b"0",
    b"inf",
    b"9.9e37",
    b"up",
    b"\xff",
    b"\x00",
    b"\r",
    b"\n",
]
PARTS += [
    b"#",
    b"1,5",
    b"(furlong)",
    b"(uS)",
    b"1e308",
    b" / ",
    b"device_id",
    b"LTP",
    b"time",
    b"\xef\xbb\xbf",
    b"1_0",
    b"9" * 30,
]
OPTIONS = [{}, {"unit": "uS"}, {"unit": 1e-6, "zero": 1e-6}, {"unit": "kOhm"}, {"read_voltage": 0.1, "magnitude": True}]
OPTIONS += [{"where": {"amplitude_V": "1.2"}}, {"skip_bad": True}]


def _long(curves, draw):
    rows = long_rows(
        curves, extra=draw(st.sampled_from([(), [("note", "x")], [("amplitude_V", 1.2), ("width_s", "1e-7")]]))
    )
    up, down = draw(st.sampled_from([(1, -1), ("LTP", "LTD"), ("set", "Reset"), (1, 0), ("+1", "-1.0")]))
    return [rows[0], *([row[0], up if row[1] > 0 else down, *row[2:]] for row in rows[1:])]


def _wide(curves, draw):
    up, down = draw(st.sampled_from([("up", "down"), ("LTP", "LTD"), ("Set", "Reset")]))
    rows = wide_rows(curves, [f"{up if way > 0 else down}{at}" for at, (way, _) in enumerate(curves)])
    if draw(st.booleans()):
        rows = [["n" if at == 0 else at, *row] for at, row in enumerate(rows)]
    return rows


def _bare(curves, draw):
    return wide_rows(curves, draw(st.sampled_from([None, ["pot", "dep"]])))


@given(st.data(), st.integers(0, 10**6), st.sampled_from([_long, _wide, _bare]))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_layout_reads_back(tmp_path, data, seed, layout):
    draw = data.draw
    curves = ramps(seed, n=2 if layout is _bare else 2 * draw(st.integers(1, 3)), size=draw(st.integers(21, 40)))
    separator, comma = draw(st.sampled_from([(",", False), (";", True), (";", False), ("\t", True), ("|", False)]))
    text = draw(st.sampled_from(["", "# a comment\n", "Setup title,pulses\nDate,19.09.2024\n\n"]))
    text += text_of(layout(curves, draw), separator, comma)
    text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n", f"{separator}\n"])))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]))
    same(read_pulses(write(tmp_path / "a.csv", text, encoding=encoding)), expected(curves))


def _mutated(data, rng):
    """A file with some bytes, cells and lines changed, removed, doubled or in another place."""
    for _ in range(rng.integers(1, 6)):
        at = int(rng.integers(len(data) if rng.random() < 0.6 else min(len(data), 80)))
        part = PARTS[rng.integers(len(PARTS))]
        lines = data.split(b"\n")
        one, other = rng.integers(len(lines), size=2)
        cells = lines[one].split(b",")
        match rng.integers(7):
            case 0:
                data = data[:at] + bytes([rng.integers(256)]) + data[at + 1 :]
            case 1:
                data = data[:at] + data[at + int(rng.integers(1, 50)) :]
            case 2:
                data = data[:at] + part + data[at:]
            case 3:
                lines[one], lines[other] = lines[other], lines[one]
                data = b"\n".join(lines)
            case 4:
                cells[rng.integers(len(cells))] = part
                lines[one] = b",".join(cells)
                data = b"\n".join(lines)
            case 5:
                data = data[:at] if rng.random() < 0.2 else data[: at + 60] + data[at:]
            case 6:
                data = data.replace(b",", rng.choice([b";", b"\t", b" ", b",,"]))
        data = data or b"1,2\n"
    return data


SOURCES = [
    text_of(long_rows(ramps(n=2), device="a", extra=[("amplitude_V", 1.2)])),
    text_of(wide_rows(ramps(n=2))),
    text_of(wide_rows(ramps(n=4), ["LTP1 (S)", "LTD1 (S)", "LTP2 (S)", "LTD2 (S)"])),
    text_of([["V (V)", "I (A)"], *([way, f"{1e-7 * (9 + way * i % 20)}"] for way in (1, -1) for i in range(30))]),
    "polarity,cell 1,cell 2\n" + "".join(f"{1 if i < 30 else -1},{i % 30 + 1}e-6,{i % 30 + 2}e-6\n" for i in range(60)),
]


@pytest.mark.parametrize("seed", range(4))
def test_mutated_files_end_in_pulses_or_in_a_sentence(tmp_path, seed):
    rng, path, understood = np.random.default_rng(seed), tmp_path / "a.csv", 0
    for _ in range(100):
        data = _mutated(SOURCES[rng.integers(len(SOURCES))].encode(), rng)
        path.write_bytes(data)
        files = [{"path": path}, {"path": path}, {"up": path}, {"up": path, "down": path}][rng.integers(4)]
        try:
            found = read_pulses(**files, **OPTIONS[rng.integers(len(OPTIONS))])
        except InputError:
            continue
        understood += 1
        assert np.isfinite(found.before).all()
        assert np.isfinite(found.after).all()
        assert np.isin(found.polarity, (1, -1)).all()
    assert understood > 0


@pytest.mark.parametrize(
    "text",
    [
        "polarity," + "_" * 100_000 + "(S)\n1,2e-6\n",
        "polarity,G (" + "10^-6 " * 10_000 + "S)\n1,2e-6\n",
        "polarity,G (" + "1e-6" * 10 + " S)\n1,2e-6\n",
        "(" * 50_000 + "," + "/" * 50_000 + "\n1,2\n",
        ",".join(f"cell{i}" for i in range(4000)) + "\n" + ("2e-6," * 3999 + "1e-6\n") * 3,
        "polarity," + ",".join(f"cell{i}" for i in range(4000)) + "\n" + ("1," + "2e-6," * 3999 + "1e-6\n") * 25,
        "1,2," * 50_000 + "\n",
        '"' * 100_000 + "\n1,2\n",
        "\n" * 200_000,
        "#" * 200_000 + "\n1e-6,2e-6\n",
        "polarity,G (S)\n1,1e-6\n1," + "9" * 100_000 + "x\n",
    ],
)
def test_long_names_many_columns_and_nesting_end_soon(tmp_path, text):
    path = write(tmp_path / "a.csv", text)
    begun = time.process_time()
    with suppress(InputError):
        read_pulses(path)
    assert time.process_time() - begun < 10
