import numpy as np
import pytest
from simulated import cycles, measured, write_csv

from insitu.devices.constant import ConstantStep
from insitu.errors import InputError
from insitu.measure import pulses, read_pulses
from insitu.measure.pulses import FURTHER, SAME, START

DEVICE = ConstantStep(g_min=1e-6, g_max=9e-6, step_up=0.3e-6, step_down=0.2e-6, c2c_cv=0.3)
TRAIN = cycles(25, 25, 1)
HEAD = "device_id,pulse_index,polarity,amplitude_V,width_s,g_before_S,g_after_S"


def _file(tmp_path, text, name="mine.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def _rows(n=25, polarity="+1", volt=1.2, device="a", first=0):
    return "".join(f"{device},{first + i},{polarity},{volt},1e-7,{1 + i}e-6,{2 + i}e-6\n" for i in range(n))


def test_a_file_gives_back_what_was_measured(tmp_path):
    found = measured(DEVICE, TRAIN, devices=3, read_sd=1e-8)
    again = read_pulses(write_csv(tmp_path / "a.csv", found, extra="# a comment\n\n"))
    assert again.names == found.names
    for name in ("of", "polarity", "before", "after", "link"):
        np.testing.assert_array_equal(getattr(again, name), getattr(found, name))
    assert "1.2 V and 100 ns" in again.conditions
    assert "a.csv (SHA-256 " in again.source


def test_columns_in_any_order_others_left_aside_words_for_polarity(tmp_path):
    text = "note;g_after_S;polarity;g_before_S\n" + "x;2e-6;LTP;1e-6\n" * 20 + "x;1e-6;reset;2e-6\n"
    found = read_pulses(_file(tmp_path, text))
    assert found.names == ("device",)
    assert found.polarity.tolist() == [1] * 20 + [-1]
    assert "not in the file" in found.conditions


def test_without_readings_before_a_train_begins_at_its_first_reading_after(tmp_path):
    rows = "".join(f"a,{i},1,{i + 1}e-6\n" for i in range(15)) + "".join(f"b,{i},1,{i + 3}e-6\n" for i in range(10))
    found = read_pulses(_file(tmp_path, "device_id,pulse_index,polarity,g_after_S\n" + rows))
    assert found.of.tolist() == [0] * 14 + [1] * 9
    np.testing.assert_allclose(found.before[:2], [1e-6, 2e-6])
    assert found.link.tolist() == [START] + [SAME] * 13 + [START] + [SAME] * 8


@pytest.mark.parametrize("head", ["", "up,down\n"])
def test_two_bare_curves(tmp_path, head):
    text = head + "".join(f"{-1 + i / 15},{1 - i / 12}\n" for i in range(25)) + "0.9,\n"
    found = read_pulses(_file(tmp_path, text), unit=5e-6, zero=10e-6)
    assert (found.polarity > 0).sum() == 25
    assert (found.polarity < 0).sum() == 24
    np.testing.assert_allclose(found.before[0], 5e-6)
    assert found.link[25] == START
    assert "5 uS a unit and 10 uS at 0 as given" in found.source


def test_links_tell_a_new_train_from_a_further_reading():
    readings = np.arange(31) * 1e-6
    before, after = readings[:-1].copy(), readings[1:]
    before[5] += 1e-9
    index = np.arange(30)
    index[20:] += 7
    link = pulses([1] * 30, before, after, index=index).link
    assert link[0] == link[20] == START
    assert link[5] == FURTHER
    assert (np.delete(link, [0, 5, 20]) == SAME).all()


def test_some_devices_in_another_order():
    found = measured(DEVICE, TRAIN, devices=3)
    some = found.only([2, 0])
    assert some.names == ("d2", "d0")
    np.testing.assert_array_equal(some.after[:50], found.after[100:])
    np.testing.assert_array_equal(some.of, np.repeat([0, 1], 50))


def test_rows_are_chosen_by_value(tmp_path):
    path = _file(tmp_path, f"{HEAD}\n{_rows(volt=1.2)}{_rows(volt=1.4)}{_rows(polarity='-1', volt=-1)}")
    found = read_pulses(path, where={"amplitude_V": "1.40, -1", "device_id": "a"})
    assert found.polarity.tolist() == [1] * 25 + [-1] * 25
    with pytest.raises(
        InputError, match=r"up pulses have 2 values of amplitude_V \(1.2, 1.4\).* --where amplitude_V=1.2"
    ):
        read_pulses(path)
    with pytest.raises(InputError, match="no row has amplitude_V = 3"):
        read_pulses(path, where={"amplitude_V": "3"})
    with pytest.raises(InputError, match=r"no column 'amplitude'.*did you mean 'amplitude_V'"):
        read_pulses(path, where={"amplitude": "3"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has 0 rows"),
        (HEAD + "\n", "has 1 rows"),
        ("polarity,g_after\n" + "1,1e-6\n" * 20, "column 'g_after_S' is missing.*did you mean 'g_after'"),
        (f"{HEAD}\n{_rows(3)}a,3,1,1.2,1e-7,2e-6\n", "line 5: has 6 cells, but the header has 7"),
        (f"{HEAD}\n{_rows(3)}a,3,1,1.2,1e-7,2e-6,high\n", "line 5: g_after_S is 'high'; allowed is a finite number"),
        ("polarity;g_after_S\n" + "1;1,5e-6\n" * 20, "line 2: g_after_S is '1,5e-6'.*decimals with a point"),
        (f"{HEAD}\n{_rows(3, polarity='0')}", "line 2: polarity is '0'; allowed are"),
        (f"{HEAD}\n{_rows(19)}", "19 up and 0 down pulses are too few"),
        (
            f"{HEAD}\n{_rows(25)}a,25,1,1.2,1e-7,2e-6,nan\n",
            "line 27: g_after_S is 'nan'; allowed is a finite number",
        ),
        ("-1,1\n" * 30, "which are no conductances in siemens.*--unit 5e-6 --zero 10e-6"),
        ("1,2,3\n" * 30, "two curves.*here are 3 columns; give a header"),
        ("1e-6,1e-6\nx,2e-6\n" * 30, "line 2: the up curve is 'x'"),
        ("up,down\n1e-06,\n", "0 up and 0 down pulses are too few"),  # of two curves one is empty
        (
            f'{HEAD}\na,0,1,1.2,1e-7,1e-6,"2e-6\n{_rows(3)}',
            "0 up|3 up|4 up",
        ),  # a stray quotation mark ends with its line
        (f"{HEAD}\n{_rows(3)}a,inf,1,1.2,1e-7,2e-6,2e-6\n", "line 5: pulse_index is 'inf'"),
        (f"{HEAD}\n{_rows(3)}a,3,1,1e300,1e-7,2e-6,2e-6\n", "up pulses have 2 values of amplitude_V"),
        ("polarity,g_after_S\n1," + "1" * 200_000 + "\n", "line 2: cannot be read"),
    ],
)
def test_bad_files(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read_pulses(_file(tmp_path, text))


def test_no_file_and_no_text(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_pulses(tmp_path / "none.csv")
    (tmp_path / "x.xlsx").write_bytes(b"\xff\xfe\x00binary")
    with pytest.raises(InputError, match="no text in UTF-8"):
        read_pulses(tmp_path / "x.xlsx")
    with pytest.raises(InputError, match="unit: got 5"):
        read_pulses(_file(tmp_path, "1,2\n" * 30), unit=5.0)
