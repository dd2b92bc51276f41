"""Layouts in which a file says less than it seems: readings before and after under numbers, devices beside columns, GBK."""

import numpy as np
import pytest
from laboratories import ramps, same, write

from insitu.errors import InputError
from insitu.measure import pulses, read_pulses

CURVES = ramps()
WAY = np.array([way for way, values in CURVES for _ in values])
AFTER = np.array([value for _, values in CURVES for value in values])
N = AFTER.size
WHOLE = pulses(WAY[1:], AFTER[:-1], AFTER[1:], index=np.arange(1, N))
UP, DOWN = (np.array([values[:25] for way, values in CURVES if way == sign]) for sign in (1, -1))


def table(path, head, *columns, name="a.csv", encoding="utf-8"):
    """A file of these columns."""
    rows = [",".join(map(str, row)) for row in zip(*columns, strict=True)]
    return write(path / name, "\n".join([head, *rows]), encoding=encoding)


def test_a_device_beside_a_column_a_device_is_one_of_each(tmp_path):
    of, way = np.repeat(["x", "y"], N), np.tile(WAY, 2)
    found = read_pulses(
        table(tmp_path, "device_id,polarity,cell1,cell2", of, way, [*AFTER, *(2 * AFTER)], [*(3 * AFTER), *(4 * AFTER)])
    )
    assert found.names == ("x cell1", "y cell1", "x cell2", "y cell2")
    for at, factor in enumerate((1, 2, 3, 4)):
        np.testing.assert_allclose(found.after[found.of == at], factor * AFTER[1:])
    assert found.aside == ()
    assert "a column a device (2) of each device_id" in found.layout


@pytest.mark.parametrize("head", ["device_id,LTP,LTD", "Zelle,up1,down1"])
@pytest.mark.parametrize("in_turn", [False, True])
def test_curves_of_several_devices_do_not_run_on_into_each_other(tmp_path, head, in_turn):
    of = np.repeat(["x", "y"], 25)
    order = np.argsort(np.tile(np.arange(25), 2), kind="stable") if in_turn else np.arange(50)
    found = read_pulses(table(tmp_path, head, of[order], UP.ravel()[order], DOWN.ravel()[order]))
    assert found.names == ("x", "y")
    for at in (0, 1):
        np.testing.assert_array_equal(found.after[found.of == at], [*UP[at][1:], *DOWN[at][1:]])
    assert found.aside == ()


@pytest.mark.parametrize("head", ["cycle,LTP,LTD", "n,LTP,LTD"])
def test_curves_of_several_cycles_begin_anew(tmp_path, head):
    first = np.repeat([1, 2], 25) if head.startswith("cycle") else np.tile(np.arange(25), 2)
    found = read_pulses(table(tmp_path, head, first, UP.ravel(), DOWN.ravel()))
    assert found.of.size == 96
    assert (found.polarity * (found.after - found.before) > 0).all()
    assert "2 times" in found.layout


@pytest.mark.parametrize("noise", [0, 1e-8, 1e-7, 2e-7])
@pytest.mark.parametrize("turned", [False, True])
def test_a_reading_before_may_be_a_new_one_and_stand_after(tmp_path, noise, turned):
    before = AFTER[:-1] + noise * np.random.default_rng(1).normal(size=N - 1)
    columns = [("G0 (S)", before), ("G1 (S)", AFTER[1:])][:: -1 if turned else 1]
    head = ",".join(["polarity", *(name for name, _ in columns)])
    found = read_pulses(table(tmp_path, head, WAY[1:], *(values for _, values in columns)))
    assert found.names == ("device",)
    np.testing.assert_array_equal(found.before, before)
    np.testing.assert_array_equal(found.after, AFTER[1:])


def test_noise_that_hides_which_is_refused(tmp_path):
    noise = 3e-6 * np.random.default_rng(0).normal(size=(2, N - 1))
    path = table(tmp_path, "polarity,G0,G1", WAY[1:], 2e-5 + AFTER[:-1] + noise[0], 2e-5 + AFTER[1:] + noise[1])
    with pytest.raises(
        InputError, match=r"line 1: columns 'G0' and 'G1' may be .* name them g_before_S and g_after_S, or cell0"
    ):
        read_pulses(path)


def test_rows_in_the_wrong_order_are_refused(tmp_path):
    with pytest.raises(InputError, match="'G0' is where the row below begins"):
        read_pulses(table(tmp_path, "polarity,G0,G1", WAY[1:], AFTER[1:], AFTER[:-1]))


@pytest.mark.parametrize("seed", range(5))
def test_cells_alike_are_two_devices(tmp_path, seed):
    rng = np.random.default_rng(seed)
    two = [np.array([value for _, values in ramps(seed + at) for value in values]) for at in (0, 20)]
    two = [values + 1e-8 * rng.normal(size=N) for values in two]
    assert read_pulses(table(tmp_path, "polarity,G1,G2", WAY, *two)).names == ("G1", "G2")


def test_before_and_after_in_two_files(tmp_path):
    files = {
        name: table(tmp_path, "G0,G1", AFTER[:-1][WAY[1:] == sign], AFTER[1:][WAY[1:] == sign], name=name)
        for name, sign in (("up", 1), ("down", -1))
    }
    found = read_pulses(**files)
    assert found.names == ("device",)
    for sign in (1, -1):
        mine, wanted = found.polarity == sign, WAY[1:] == sign
        np.testing.assert_array_equal(found.before[mine], AFTER[:-1][wanted])
        np.testing.assert_array_equal(found.after[mine], AFTER[1:][wanted])


def test_the_read_voltage_beside_curves(tmp_path):
    volts = np.where(np.arange(25) % 2, 0.1, 0.2)
    found = read_pulses(
        table(tmp_path, "I_LTP (uA),I_LTD (uA),V_read", 1e6 * volts * UP[0], 1e6 * volts * DOWN[0], volts)
    )
    np.testing.assert_allclose(found.after, [*UP[0][1:], *DOWN[0][1:]])
    assert "100 mV to 200 mV, as the file says" in found.unit
    assert found.aside == ()


def test_a_blank_read_voltage_is_that_of_the_others_or_is_refused(tmp_path):
    for blank in (range(1, N), range(0, N, 7)):
        volts = ["" if at in blank else 0.2 for at in range(N)]
        found = read_pulses(table(tmp_path, "polarity,V_read,I (A)", WAY, volts, 0.2 * AFTER))
        np.testing.assert_allclose(found.after, WHOLE.after)
    with pytest.raises(InputError, match="line 4: V_read is ''; allowed is a voltage"):
        read_pulses(table(tmp_path, "polarity,V_read,I (A)", WAY, [0.1, 0.2, *[""] * (N - 2)], 0.2 * AFTER))


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "gb2312"])
@pytest.mark.parametrize("head", ["极性,电导 (S)", "方向,电导（S）"])
def test_chinese_files(tmp_path, encoding, head):
    same(read_pulses(table(tmp_path, head, WAY, AFTER, encoding=encoding)), WHOLE)


@pytest.mark.parametrize(("encoding", "unit"), [("gbk", "μS"), ("gb18030", "µS"), ("latin-1", "µS"), ("cp1252", "µS")])
def test_micro_in_each_encoding(tmp_path, encoding, unit):
    first = "极性" if encoding.startswith("gb") else "Polarität"
    found = read_pulses(table(tmp_path, f"{first},G ({unit})", WAY, 1e6 * AFTER, encoding=encoding))
    np.testing.assert_allclose(found.after, WHOLE.after)


@pytest.mark.parametrize("words", ["Größe", "Füße", "é", "T 25 °C", "Prüfling ÄÖÜ äöü ß", "±5 %", "ñandú", "²"])
def test_latin_files_are_not_taken_for_chinese(tmp_path, words):
    found = read_pulses(table(tmp_path, f"polarity,{words},g", WAY, ["x"] * N, AFTER, encoding="latin-1"))
    assert found.aside == (f"column '{words}'",)


@pytest.mark.parametrize(
    ("head", "up", "down"),
    [
        ("Puls", "SET", "RESET"),
        ("Pulse", "pot", "dep"),
        ("脉冲", "增强", "抑制"),
        ("Pulse #", "P", "D"),
        ("pulse", "+1", "-1"),
    ],
)
@pytest.mark.parametrize("counted", ["", "before", "after"])
def test_a_pulse_that_is_a_word_is_a_polarity(tmp_path, head, up, down, counted):
    columns = [(head, np.where(WAY > 0, up, down))]
    columns = {"before": [("n", range(N)), *columns], "after": [*columns, ("n", range(N))]}.get(counted, columns)
    found = read_pulses(
        table(tmp_path, ",".join([*(name for name, _ in columns), "g"]), *(c for _, c in columns), AFTER)
    )
    same(found, WHOLE)
    assert found.aside == ()


@pytest.mark.parametrize("head", ["Pulse,G1,G0", "Puls,R0 (S),R1 (S)"])
def test_words_of_pulses_beside_columns_that_only_their_numbers_tell(tmp_path, head):
    columns = [AFTER[1:], AFTER[:-1]][:: 1 if head.endswith("G0") else -1]
    found = read_pulses(table(tmp_path, head, np.where(WAY[1:] > 0, "SET", "RESET"), *columns))
    assert found.names == ("device",)
    np.testing.assert_array_equal(found.after, AFTER[1:])


@pytest.mark.parametrize("head", ["sample,LTP,LTD", "cycle,LTP,LTD", "n,LTP,LTD"])
@pytest.mark.parametrize("fixed", [False, True])
def test_what_counts_the_rows_of_curves_or_none_parts_nothing(tmp_path, head, fixed):
    found = read_pulses(table(tmp_path, head, [1] * 25 if fixed else range(25), UP[0], DOWN[0]))
    np.testing.assert_array_equal(found.after, [*UP[0][1:], *DOWN[0][1:]])
