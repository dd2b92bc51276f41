"""The same device from each layout in which laboratories write it."""

import sys

import numpy as np
import pytest
from laboratories import expected, long_rows, ramps, rows_of, same, text_of, wide_rows, write

from insitu.errors import InputError
from insitu.measure import read_pulses

CURVES = ramps()
PAIR = CURVES[:2]
LONG, WIDE = expected(CURVES), expected(PAIR)
ROWS = long_rows(CURVES)


def long_head(**names):
    """The rows with other names of columns."""
    return [[names.get(name, name) for name in ROWS[0]], *ROWS[1:]]


def column(name, change):
    """The rows with another column."""
    place = ROWS[0].index(name)
    return [ROWS[0], *([*row[:place], change(row[place]), *row[place + 1 :]] for row in ROWS[1:])]


@pytest.mark.parametrize(
    ("separator", "comma"),
    [(",", False), (", ", False), (";", True), (";", False), ("\t", True), ("|", False), ("|", True)],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_separators_decimals_and_encodings(tmp_path, separator, comma, encoding):
    text = "# G in µS\n" + text_of(ROWS, separator, comma)
    same(read_pulses(write(tmp_path / "a.csv", text, encoding=encoding)), LONG)


@pytest.mark.parametrize("separator", [", ", "|"])
def test_names_of_several_words_are_cells_where_rows_part_in_two_ways(tmp_path, separator):
    """Cells that are no numbers leave it to the numbers of cells what parts them, and words of pulses are no names."""
    rows = [["Operation", "Cell ID", "G after"]]
    rows += [["SET pulse" if way > 0 else "RESET pulse", "c0", repr(value)] for _, way, value in rows_of(CURVES)]
    found = read_pulses(write(tmp_path / "a.csv", text_of(rows, separator, comma=separator == "|")))
    assert found.names == ("c0",)
    assert found.polarity.tolist() == [way for _, way, _ in rows_of(CURVES)][1:]


@pytest.mark.parametrize("lost", [",,", "", "-1,,nan", "-1,,#N/A", "#N/A,#N/A,#N/A"])
def test_nothing_is_fitted_across_a_reading_that_was_lost(tmp_path, lost):
    """Blank or said to be none; in the middle of a file, whether or not readings before are given as such."""
    values = [f"{1 + 0.1 * i:.2f}e-6" for i in range(60)]
    rows = ["polarity,g_before_S,g_after_S", f"1,0.9e-6,{values[0]}", *(f"1,NaN,{value}" for value in values[1:])]
    whole = read_pulses(write(tmp_path / "a.csv", "\n".join(rows)))
    assert whole.of.size == 60
    found = read_pulses(write(tmp_path / "a.csv", "\n".join([*rows[:30], lost, *rows[31:]])), skip_bad=True)
    np.testing.assert_allclose(found.after - found.before, 0.1e-6, rtol=1e-6)
    assert found.of.size == 58
    assert np.flatnonzero(found.begins).tolist() == [0, 29]


def test_spaces_part_too_and_names_keep_their_units(tmp_path):
    rows = [["pulse", "  polarity", "g after(S)".replace(" ", "_").replace("(", " (")], *ROWS[1:]]
    same(read_pulses(write(tmp_path / "a.txt", rows, "   ")), LONG)
    same(read_pulses(write(tmp_path / "b.txt", ROWS, " ", comma=True)), LONG)


@pytest.mark.parametrize(
    "text",
    [
        text_of(ROWS).replace("\n", ",\n"),  # a separator at the end of each line
        text_of(ROWS).replace("\n", ",,,\n", 3),
        text_of(ROWS).replace("\n", "\r\n"),
        text_of(ROWS).replace("\n", "\r"),
        text_of(ROWS).replace("\n", "\n\n,,\n"),  # blank rows
        "\n".join(",".join(f'"{cell}"' for cell in row) for row in ROWS),
        "Setup title,B1500 pulse\nTest date,19.09.2024\nAverages,16\nDevice ID,LBE247\n\n" + text_of(ROWS),
        "Keithley 4200\nRange;1e-3;A\n" + text_of(ROWS),
        text_of([ROWS[0], ["", "", "S"], *ROWS[1:]]),
        text_of([ROWS[0], ["#", "-", "[S]"], *ROWS[1:]]),
        text_of([["DataName", *ROWS[0]], *(["DataValue", *row] for row in ROWS[1:])]),
        "# "
        + text_of(ROWS).replace("g_after_S", "note,g_after_S", 1).replace(",1,", ",1,7,").replace(",-1,", ",-1,7,"),
        text_of(ROWS) + "\x1a",
        "sep=,\n" + text_of(ROWS),
    ],
    ids=[
        *(
            "trailing",
            "trailing above",
            "CRLF",
            "CR",
            "blank rows",
            "quoted",
            "instrument",
            "instrument, other separator",
        ),
        *("units row", "units in brackets", "row labels", "header as comment", "end of file mark", "sep="),
    ],
)
def test_what_surrounds_the_table(tmp_path, text):
    same(read_pulses(write(tmp_path / "a.csv", text)), LONG)


@pytest.mark.parametrize(
    "names",
    [
        {"polarity": "Polarity", "g_after_S": "G_AFTER_S", "pulse_index": "Pulse_Index"},
        {"polarity": "POL", "g_after_S": "Conductance", "pulse_index": "Pulse #"},
        {"polarity": "Direction", "g_after_S": "G (S)", "pulse_index": "No."},
        {"polarity": "Pulse polarity", "g_after_S": "G / S", "pulse_index": "Pulse number"},
        {"polarity": "sign", "g_after_S": "Read conductance [S]", "pulse_index": "#"},
        {"g_after_S": "gAfter", "pulse_index": "PulseIndex"},
        {"g_after_S": "Gafter (S)", "pulse_index": "pulse no."},
        {"g_after_S": "G after, S", "pulse_index": "index"},
        {"g_after_S": "G (after pulse)", "pulse_index": "n"},
    ],
)
def test_names_of_columns(tmp_path, names):
    found = read_pulses(write(tmp_path / "a.csv", long_head(**names), ";"))
    same(found, LONG)
    assert found.aside == ()


@pytest.mark.parametrize(
    ("name", "scale"),
    [
        *(("G after (uS)", 1e6), ("g_after_uS", 1e6), ("G_AFTER_US", 1e6), ("G / µS", 1e6), ("Conductance [nS]", 1e9)),
        *(("g (mS)", 1e3), ("G (MS)", 1e3), ("g_after_pS", 1e12), ("G (G0)", 1 / 7.748091729e-5)),
        *(("G (10^-6 S)", 1e6), ("G [x10-9 S]", 1e9), ("G (1e-6 S)", 1e6)),
    ],
)
def test_conductances_with_a_prefix(tmp_path, name, scale):
    rows = column("g_after_S", lambda cell: repr(float(cell) * scale))
    rows = [[*rows[0][:-1], name], *rows[1:]]
    for path in (
        write(tmp_path / "a.csv", rows, encoding="latin-1"),
        write(tmp_path / "b.csv", rows, encoding="utf-8"),
    ):
        same(read_pulses(path), LONG, rtol=1e-12)


def test_currents_resistances_and_what_the_user_says(tmp_path):
    def written(name, change, units=None):
        rows = column("g_after_S", lambda cell: repr(change(float(cell))))
        return write(tmp_path / "a.csv", [[*rows[0][:-1], name], *([["", "", units]] if units else []), *rows[1:]])

    for name, change, options in (
        ("i_after_A", lambda g: 0.2 * g, {"read_voltage": 0.2}),
        ("Current (nA)", lambda g: 2e8 * g, {"read_voltage": 0.2}),
        ("g_after_S", lambda g: 0.2 * g, {"read_voltage": 0.2}),  # the user knows better than the name
        ("g_after", lambda g: 2e5 * g, {"read_voltage": 0.2, "unit": "uA"}),
        ("I (uA)", lambda g: -2e5 * g, {"read_voltage": -0.2}),
        ("I (uA)", lambda g: -2e5 * g, {"read_voltage": 0.2, "magnitude": True}),
        ("r_after_ohm", lambda g: 1 / g, {}),
        ("Resistance (kOhm)", lambda g: 1e-3 / g, {}),
        ("R [MΩ]", lambda g: 1e-6 / g, {}),
        ("R", lambda g: 1 / g, {}),
        ("R", lambda g: 1e-3 / g, {"unit": "kOhm"}),
        ("reading_after", lambda g: 1e6 * g, {"unit": "uS"}),
        ("G (a.u.)", lambda g: (g - 1e-6) / 5e-6, {"unit": 5e-6, "zero": 1e-6}),
    ):
        same(read_pulses(written(name, change), **options), LONG, rtol=1e-9)
    same(read_pulses(written("G", lambda g: 1e6 * g, units="uS")), LONG, rtol=1e-12)
    same(read_pulses(written("value_after", lambda g: 1e-3 / g, units="(kOhm)")), LONG, rtol=1e-9)


@pytest.mark.parametrize(
    ("up", "down"),
    [
        ("1", "0"),
        ("+1", "-1"),
        ("1.0", "-1.0"),
        ("up", "down"),
        ("LTP", "LTD"),
        ("Set", "RESET"),
        ("p", "d"),
        ("+", "-"),
        ("S", "R"),
        ("1.2", "-1.5"),  # the voltage of the pulse
    ],
)
def test_words_of_polarity(tmp_path, up, down):
    same(read_pulses(write(tmp_path / "a.csv", column("polarity", lambda way: up if way > 0 else down))), LONG)


def test_the_sign_of_the_amplitude_where_there_is_no_polarity(tmp_path):
    rows = column("polarity", lambda way: 1200 if way > 0 else -1500)
    found = read_pulses(write(tmp_path / "a.csv", [["n", "V_pulse (mV)", "g_after_S"], *rows[1:]]))
    same(found, LONG)
    assert "by the sign of V_pulse (mV)" in found.layout
    assert found.conditions == "up pulses of 1.2 V, down pulses of -1.5 V"


@pytest.mark.parametrize(
    "head",
    [
        *(
            None,
            ["up", "down"],
            ["LTP", "LTD"],
            ["pot", "dep"],
            ["SET", "Reset"],
            ["Potentiation", "Depression"],
            ["P", "D"],
        ),
        *(["G_LTP", "G_LTD"], ["LTP (S)", "LTD (S)"], ["G up [S]", "G down [S]"], ["x1", "y"]),
    ],
)
@pytest.mark.parametrize("index", [None, 0, 1])
def test_two_curves(tmp_path, head, index):
    rows = wide_rows(PAIR, head)
    if index is not None:
        rows = [
            [*(["n"] if head and row == head else [i + index - (head is not None)]), *row] for i, row in enumerate(rows)
        ]
    path = write(tmp_path / "a.csv", rows)
    if head == ["x1", "y"]:
        with pytest.raises(
            InputError, match=r"a.csv, line 1: no column of .*'x1', 'y' is known as readings; wanted is"
        ):
            read_pulses(path)
        return
    same(read_pulses(path), WIDE)


def test_curves_may_end_with_blanks_or_nan_and_have_units(tmp_path):
    rows = wide_rows(ramps(n=2, size=24)[:1] + PAIR[1:], ["up (uS)", "down (uS)"], scale=1e6)
    curves = [ramps(n=2, size=24)[0], PAIR[1]]
    for path in (
        write(tmp_path / "a.csv", rows, "\t"),
        write(tmp_path / "b.csv", [[cell or "nan" for cell in row] for row in rows]),
        write(tmp_path / "c.csv", [row if row[0] else row[1:] and ["", row[1]] for row in rows]),
    ):
        same(read_pulses(path), expected(curves), rtol=1e-12)


@pytest.mark.parametrize(
    "head",
    [
        ["up1", "down1", "up2", "down2"],
        ["LTP_1 (S)", "LTD_1 (S)", "LTP_2 (S)", "LTD_2 (S)"],
        ["set", "reset", "set", "reset"],
        ["ramp1", "ramp2", "ramp3", "ramp4"],
        ["rmp 1", "rmp 2", "rmp 3", "rmp 4"],
        ["ramp1 (S)", "ramp2 (S)", "ramp3 (S)", "ramp4 (S)"],
    ],
)
def test_a_column_a_ramp(tmp_path, head):
    same(read_pulses(write(tmp_path / "a.csv", wide_rows(CURVES, head))), LONG)


def test_ramps_run_in_the_direction_of_their_conductance(tmp_path):
    volts = write(tmp_path / "a.csv", wide_rows(CURVES, [f"cycle {n} (uA)" for n in range(4)], scale=-1e5))
    same(read_pulses(volts, read_voltage=-0.1), LONG, rtol=1e-12)
    rows = [[cell and repr(1 / float(cell)) for cell in row] for row in wide_rows(CURVES)]
    ohms = write(tmp_path / "b.csv", [[f"cycle {n} (Ohm)" for n in range(4)], *rows])
    same(read_pulses(ohms), LONG, rtol=1e-12)


def test_a_column_a_device(tmp_path):
    two = [ramps(seed)[:2] for seed in (1, 2)]
    for names in (["cell1 (uS)", "cell2 (uS)"], ["Device A", "Device B"], ["LBE 7", "LBE 8"]):
        scale = 1e6 if "uS" in names[0] else 1.0
        rows = [
            [number, way, first * scale, second * scale]
            for (number, way, first), (_, _, second) in zip(*map(rows_of, two), strict=True)
        ]
        found = read_pulses(write(tmp_path / "a.csv", [["pulse", "polarity", *names], *rows]))
        assert found.names == tuple(names)
        for place, curves in enumerate(two):
            same(found.only([place]), expected(curves), rtol=1e-12)


def test_a_column_a_direction_and_a_device(tmp_path):
    two = [ramps(seed)[:2] for seed in (1, 2)]
    for form in ("cell{}_{}", "{1} device {0} (S)"):
        head = [form.format(cell, way) for cell in (1, 2) for way in ("LTP", "LTD")]
        found = read_pulses(write(tmp_path / "a.csv", wide_rows([*two[0], *two[1]], head)))
        assert len(found.names) == 2
        for place, curves in enumerate(two):
            same(found.only([place]), expected(curves))


def test_curves_each_beside_its_number_of_pulses(tmp_path):
    rows = [[at, up, at, down] for at, (up, down) in enumerate(wide_rows(PAIR))]
    head = ["Pulse LTP", "G LTP (S)", "Pulse LTD", "G LTD (S)"]
    same(read_pulses(write(tmp_path / "a.csv", [head, *rows])), WIDE)


def test_words_for_the_direction_under_another_name(tmp_path):
    rows = [
        ["Type", "G (uS)"],
        *(["SET" if way > 0 else "RESET", repr(value * 1e6)] for _, way, value in rows_of(PAIR)),
    ]
    found = read_pulses(write(tmp_path / "a.csv", rows))
    assert found.layout == "one row a pulse (Type, G (uS)), parted by commas"
    assert found.polarity.tolist() == [1] * 24 + [-1] * 26


def test_the_direction_under_another_name_as_a_number_beside_a_time(tmp_path):
    rows = [[way, at, value] for at, way, value in rows_of(PAIR)]
    assert read_pulses(write(tmp_path / "a.csv", [["Type", "Time stamp", "G"], *rows])).polarity.tolist() == (
        [1] * 24 + [-1] * 26
    )


def test_a_mark_of_comments_is_the_name_of_a_column(tmp_path):
    ends = [
        [*row, ""]
        for row in [
            ["#", "SET (kOhm)", "RESET (kOhm)"],
            *([at, *(cell and repr(1e-3 / float(cell)) for cell in row)] for at, row in enumerate(wide_rows(PAIR))),
        ]
    ]
    same(read_pulses(write(tmp_path / "a.csv", ends, "\t")), WIDE, rtol=1e-12)
    words = [[at, "up" if way > 0 else "down", value] for at, way, value in rows_of(CURVES)]
    same(read_pulses(write(tmp_path / "b.csv", [["#", "pol", "G"], ["", "", "S"], *words], ";")), LONG)


def test_a_row_of_units_with_nanoamperes_and_dashes(tmp_path):
    rows = [[way, repr(value * 1e8), at] for at, way, value in rows_of(CURVES)]
    for units, separator in ((["", "nA", ""], "\t"), (["-", "(nA)", "-"], " "), (["-", "nA", "-"], " ")):
        path = write(tmp_path / "a.csv", [["polarity", "I", "n"], units, *rows], separator)
        same(read_pulses(path, read_voltage=0.1), LONG, rtol=1e-12)


def test_devices_under_test(tmp_path):
    rows = [[f"d{at % 2}", way, value] for at, (_, way, value) in enumerate(rows_of(PAIR) * 2)]
    assert read_pulses(write(tmp_path / "a.csv", [["DUT", "pol", "G"], *rows])).names == ("d0", "d1")


def test_a_conductance_before_is_no_current(tmp_path):
    rows = [[at, way, g, repr(float(g) * 0.2)] for at, way, g in ROWS[1:]]
    found = read_pulses(
        write(tmp_path / "a.csv", [["n", "polarity", "g_before_S", "i_after_A"], *rows]), read_voltage=0.2
    )
    same(found, LONG, rtol=1e-12)
    assert found.aside == ("column 'g_before_S'",)


def test_two_files(tmp_path):
    ways = [[curve for curve in CURVES if curve[0] == way] for way in (1, -1)]
    for head in (None, ["rmp1", "rmp2"], ["0", "1"], ["Ramp A", "Ramp B"]):
        files = [write(tmp_path / f"{way}.csv", wide_rows(ways[way], head)) for way in (0, 1)]
        same(read_pulses(up=files[0], down=files[1]), LONG)
    lines = [text_of([[at, repr(value)] for at, value in enumerate(PAIR[way][1])]) for way in (0, 1)]
    for head in ("", "n,G\n", "pulse,Conductance (S)\n", "index,g_after_S\n", "Time (s),G\n"):
        files = [write(tmp_path / f"{way}.csv", head + lines[way]) for way in (0, 1)]
        found = read_pulses(up=files[0], down=files[1])
        same(found, WIDE)
        assert "0.csv (SHA-256" in found.source
        assert "1.csv (SHA-256" in found.source
    same(read_pulses(up=files[0]), expected(PAIR[:1]))
    one = write(
        tmp_path / "u.csv", "ramp1\n" + "\n".join(f"{value * 1e6:.6f}" for value in PAIR[0][1]).replace(".", ",")
    )
    same(read_pulses(up=one, unit="uS"), expected(PAIR[:1]), rtol=1e-6)
    for file, volts, values in zip(files, (1.2, -1.5), (PAIR[0][1], PAIR[1][1]), strict=True):
        write(
            file,
            [
                ["amplitude_V", *(["width_s"] if volts > 0 else []), "G"],
                *([volts, *(["1e-7"] if volts > 0 else []), repr(value)] for value in values),
            ],
        )
    found = read_pulses(up=files[0], down=files[1])
    same(found, WIDE)
    assert found.conditions == "up pulses of 1.2 V and 100 ns, down pulses of -1.5 V"


def test_more_ramps_of_one_direction_come_first(tmp_path):
    up, down = wide_rows(CURVES[:1], ["r1"]), wide_rows([CURVES[1], CURVES[3]], ["r1", "r2"])
    found = read_pulses(up=write(tmp_path / "u.csv", up), down=write(tmp_path / "d.csv", down))
    same(found, expected([CURVES[1], CURVES[0], CURVES[3]]))


def test_devices_in_two_files(tmp_path):
    up = wide_rows([CURVES[0], CURVES[2]], ["dev1", "dev2"])
    down = wide_rows([CURVES[1], CURVES[3]], ["dev1", "dev2"])
    found = read_pulses(up=write(tmp_path / "u.csv", up), down=write(tmp_path / "d.csv", down))
    assert found.names == ("dev1", "dev2")
    same(found.only([1]), expected(CURVES[2:]))


@pytest.mark.parametrize("index", ["of the device", "of the file", "none"])
def test_devices_in_turn_are_as_if_sorted(tmp_path, index):
    devices = [[(way, values[:25]) for way, values in ramps(seed, n=2)] for seed in range(3)]
    head = ["device_id", *(["pulse_index"] if index != "none" else []), "polarity", "g_after_S"]
    rows = [
        [f"c{place}", *([] if index == "none" else [pulse]), way, repr(value)]
        for pulse, one in enumerate(zip(*([(way, v) for way, vs in d for v in vs] for d in devices), strict=True))
        for place, (way, value) in enumerate(one)
    ]
    ordered = sorted(rows, key=lambda row: row[0])
    if index == "of the file":
        rows = [[row[0], at, *row[2:]] for at, row in enumerate(rows)]
    found = read_pulses(write(tmp_path / "a.csv", [head, *rows]))
    same(found, read_pulses(write(tmp_path / "b.csv", [head, *ordered])))
    assert found.names == ("c0", "c1", "c2")
    assert found.of.size == 3 * 49


def test_excel(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in [["Setup", "B1500"], [], *ROWS]:
        book.active.append([float(cell) if row in ROWS[1:] else cell for cell in row])
    book.create_sheet("notes", 0).append(["a", 1])
    book.save(tmp_path / "a.xlsx")
    found = read_pulses(tmp_path / "a.xlsx")
    same(found, LONG)
    assert "of Excel, the sheet of most numbers, 'Sheet', of 2" in found.layout
    assert found.aside == ("1 line above the table",)


def test_excel_needs_openpyxl(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError, match=r"need openpyxl, which is not installed: pip install 'insitu\[excel\]'"):
        read_pulses(path)


def test_columns_that_mean_nothing_are_left_aside(tmp_path):
    rows = long_rows(CURVES, extra=[("note", "x"), ("temperature", 300), ("Time (s)", 1)])
    found = read_pulses(write(tmp_path / "a.csv", rows))
    same(found, LONG)
    assert found.aside == ("columns 'note', 'temperature', 'Time (s)'",)
    assert found.told()[-1] == "Left aside: columns 'note', 'temperature', 'Time (s)'."
    assert found.understood()["left_aside"] == list(found.aside)
    assert found.understood()["pulses_up"] == np.count_nonzero(found.polarity > 0)


def test_a_reading_before_that_is_blank_is_the_one_after_the_pulse_before(tmp_path):
    rows = [
        [at, 1 if at < 30 else -1, "1e-6" if at == 0 else "", f"{2 + 0.1 * min(at, 60 - at):.2f}e-6"]
        for at in range(60)
    ]
    found = read_pulses(write(tmp_path / "a.csv", [["n", "polarity", "g_before_S", "g_after_S"], *rows]))
    assert found.of.size == 60
    assert found.before[0] == 1e-6
    np.testing.assert_array_equal(found.before[1:], found.after[:-1])
