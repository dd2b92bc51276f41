"""What a file is taken for, which rows are chosen, and what is refused, in which words."""

import numpy as np
import pytest
from laboratories import long_rows, ramps, text_of, write
from simulated import cycles, measured, write_csv

from insitu.devices.constant import ConstantStep
from insitu.errors import InputError
from insitu.measure import pulses, read_pulses
from insitu.measure.pulses import FURTHER, SAME, START

DEVICE = ConstantStep(g_min=1e-6, g_max=9e-6, step_up=0.3e-6, step_down=0.2e-6, c2c_cv=0.3)
TRAIN = cycles(25, 25, 1)
HEAD = "device_id,pulse_index,polarity,amplitude_V,width_s,g_before_S,g_after_S"


def _rows(n=25, polarity="+1", volt=1.2, device="a", first=0):
    return "".join(f"{device},{first + i},{polarity},{volt},1e-7,{1 + i}e-6,{2 + i}e-6\n" for i in range(n))


def _sweep(head, n=40, current="{:.4e}"):
    volts = [0.05 * min(i, n - i) * (1 if i < n else -1) for i in range(n + 1)]
    return head + "".join(f"{v:.2f},{current.format(1e-6 * np.sinh(v))}\n" for v in volts)


def test_a_file_gives_back_what_was_measured(tmp_path):
    found = measured(DEVICE, TRAIN, devices=3, read_sd=1e-8)
    again = read_pulses(write_csv(tmp_path / "a.csv", found, extra="# a comment\n\n"))
    assert again.names == found.names
    for name in ("of", "polarity", "before", "after", "link"):
        np.testing.assert_array_equal(getattr(again, name), getattr(found, name))
    assert "1.2 V and 100 ns" in again.conditions
    assert "a.csv (SHA-256 " in again.source


def test_without_readings_before_a_train_begins_at_its_first_reading_after(tmp_path):
    rows = "".join(f"a,{i},1,{i + 1}e-6\n" for i in range(15)) + "".join(f"b,{i},1,{i + 3}e-6\n" for i in range(10))
    found = read_pulses(write(tmp_path / "a.csv", "device_id,pulse_index,polarity,g_after_S\n" + rows))
    assert found.of.tolist() == [0] * 14 + [1] * 9
    np.testing.assert_allclose(found.before[:2], [1e-6, 2e-6])
    assert found.link.tolist() == [START] + [SAME] * 13 + [START] + [SAME] * 8


def test_normalised_curves(tmp_path):
    text = "".join(f"{-1 + i / 15},{1 - i / 12}\n" for i in range(25)) + "0.9,\n"
    found = read_pulses(write(tmp_path / "a.csv", text), unit=5e-6, zero=10e-6)
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
    path = write(tmp_path / "a.csv", f"{HEAD}\n{_rows(volt=1.2)}{_rows(volt=1.4)}{_rows(polarity='-1', volt=-1)}")
    found = read_pulses(path, where={"amplitude_V": "1.40, -1", "Device_ID": "a"})
    assert found.polarity.tolist() == [1] * 25 + [-1] * 25
    with pytest.raises(
        InputError, match=r"up pulses have 2 values of amplitude_V \(1.2, 1.4 V\).* --where amplitude_V=1.2"
    ):
        read_pulses(path)
    with pytest.raises(InputError, match="no row has amplitude_V = 3"):
        read_pulses(path, where={"amplitude_V": "3"})
    with pytest.raises(InputError, match=r"no column 'amplitudes'.*did you mean 'amplitude_V'"):
        read_pulses(path, where={"amplitudes": "3"})


@pytest.mark.parametrize("name", ["amplitude_V", "Pulse amplitude (mV)"])
@pytest.mark.parametrize("given", [True, False])
def test_the_state_before_a_chosen_pulse_is_what_was_read_after_the_one_before_it(tmp_path, name, given):
    """Weak and strong pulses in turn: a step of the weak ones is theirs alone."""
    weak, strong, g, rows = 50e-9, 250e-9, 1e-6, []
    for i in range(120):
        way = 1 if i < 60 else -1
        before, g = g, g + way * (weak if i % 2 == 0 else strong)
        volts = way * (1.0 if i % 2 == 0 else 1.4) * (1000 if "mV" in name else 1)
        rows.append([way, volts, *([repr(before)] if given else []), repr(g)])
    path = write(tmp_path / "a.csv", [["polarity", name, *(["g_before_S"] if given else []), "g_after_S"], *rows])
    found = read_pulses(path, where={"amplitude_V": "1.0,-1.0"})
    np.testing.assert_allclose((found.after - found.before) * found.polarity, weak, rtol=1e-6)
    assert found.of.size == (60 if given else 59)
    assert (found.link == START).all()
    assert found.conditions == "up pulses of 1 V, down pulses of -1 V"


@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("way", [1, -1])
def test_a_cell_that_was_brought_back_begins_a_train(tmp_path, way, given):
    """Three trains of one direction, and no word of what took the cell back; a stray reading is none."""
    train = 5e-6 + way * np.arange(-20, 21) * 2e-7
    before, after = np.tile(train[:-1], 3), np.tile(train[1:], 3)
    after[50] = train[0 if way > 0 else 5]
    rows = [[way, *([repr(float(b))] if given else []), repr(float(a))] for b, a in zip(before, after, strict=True)]
    found = read_pulses(write(tmp_path / "a.csv", [["polarity", *(["G before"] if given else []), "G after"], *rows]))
    begins = np.flatnonzero(found.link == START)
    assert begins.tolist() == ([0, 40, 80] if given else [0, 39, 78])
    assert np.median((found.after - found.before)[begins] * way) == pytest.approx(2e-7)
    assert given or found.aside == ("changes to where trains begin, which no pulse of the file made: 2",)


def test_amplitudes_that_were_read_back_are_one(tmp_path):
    rows = [[1, 1.2 + 0.001 * (i % 5), f"{1 + 0.1 * i:.2f}e-6"] for i in range(30)]
    found = read_pulses(write(tmp_path / "a.csv", [["polarity", "amplitude_V", "g_after_S"], *rows]))
    assert found.conditions == "up pulses of 1.2 V"


@pytest.mark.parametrize("bad", ["nan", "", "overflow", "9.91e37", "1.5.2"])
@pytest.mark.parametrize("given", [True, False])
def test_a_bad_row_ends_a_train_once_it_may_be_left_out(tmp_path, bad, given):
    steps = [f"{1 + 0.1 * i:.2f}e-6" for i in range(61)]
    rows = [[1, *([steps[i]] if given else []), steps[i + 1]] for i in range(60)]
    rows[10] = [1, *([bad] if given else []), bad]
    path = write(tmp_path / "a.csv", [["polarity", *(["g_before_S"] if given else []), "g_after_S"], *rows])
    with pytest.raises(InputError, match=r"a.csv, line 12: g_\w+_S is .*; allowed is a finite number.*--skip-bad"):
        read_pulses(path)
    found = read_pulses(path, skip_bad=True)
    assert found.of.size == 59 - 2 * (not given)
    assert np.flatnonzero(found.link == START).tolist() == [0, 10 - (not given)]
    assert "line 12: g_" in found.aside[0]
    for row in rows[:4]:
        row[-1] = bad
    path = write(path, [["polarity", *(["g_before_S"] if given else []), "g_after_S"], *rows])
    with pytest.raises(InputError, match="5 of 60 readings cannot be read, and --skip-bad leaves out 5 %; first a"):
        read_pulses(path, skip_bad=True)


def test_a_bad_reading_within_a_curve(tmp_path):
    rows = [[f"{1 + 0.11 * i:.3f}e-6", f"{9 - 0.1 * i:.3f}e-6"] for i in range(40)]
    rows[7][1] = "x"
    path = write(tmp_path / "a.csv", rows)
    with pytest.raises(InputError, match=r"a\.csv, line 8: the down curve is 'x'"):
        read_pulses(path)
    assert read_pulses(path, skip_bad=True).of.size == 39 + 37
    rows[7] = ["1.8e-6", "8.3e-6", "3"]  # a cell too many: a header says so
    with pytest.raises(InputError, match=r"a\.csv, line 9: has 3 cells, but the table has 2 columns"):
        read_pulses(write(path, [["up", "down"], *rows]))
    assert read_pulses(path, skip_bad=True).of.size == 37 + 37


def test_three_sentences_tell_what_was_understood(tmp_path):
    path = write(tmp_path / "a.csv", "Lab,3\n" + text_of(long_rows(ramps(n=2), extra=[("note", "x")])))
    assert read_pulses(path).told() == (
        "File: one row a pulse (pulse_index, polarity, g_after_S), parted by commas.",
        "Pulses: 24 up and 25 down pulses of one device, readings from 1.29 uS to 7.96 uS (conductances in S); identical "
        "pulses; amplitude and width are not in the file.",
        "Left aside: 1 line above the table; column 'note'.",
    )
    assert pulses([1] * 20, [1e-6] * 20, [2e-6] * 20).told() == (
        "Pulses: 20 up and 0 down pulses of one device, readings from 1 uS to 2 uS.",
    )


LOG = (1, 2, 5, 10, 20, 50, 100, 200)  #: pulses after which some laboratories read


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has 0 rows; wanted is a table"),
        (HEAD + "\n", "holds nothing but a header in line 1"),
        (
            "polarity,g_aftr_S\n" + "1,1e-6\n" * 20,
            "line 1: no column of 'polarity', 'g_aftr_S' is known as readings; wanted",
        ),
        (f"{HEAD}\n{_rows(3)}a,3,1,1.2,1e-7,2e-6\n", "line 5: has 6 cells, but the header has 7"),
        (f"{HEAD}\n{_rows(3)}a,3,1,1.2,1e-7,2e-6,3,4\n", "line 5: has 8 cells, but the header has 7"),
        (f"{HEAD}\n{_rows(3)}a,3,1,1.2,1e-7,2e-6,high\n", "line 5: g_after_S is 'high'; allowed is a finite number"),
        (
            "polarity;g_after_S\n" + "1;1.5e-6\n" * 20 + "1;1,5e-6\n",
            "line 22: g_after_S is '1,5e-6'.*decimals are written with a point elsewhere",
        ),
        (f"{HEAD}\n{_rows(3, polarity='2')}", "line 2: polarity is '2'; allowed is"),
        (
            f"{HEAD}\n{_rows(25)}{_rows(1, polarity='0')}{_rows(1, polarity='-1')}",
            "line 27: polarity is '0'; allowed is",
        ),
        (
            f"{HEAD}\n{_rows(25)}a,25,1,1.2,1e-7,2e-6,9.91\n",
            "line 27: g_after_S is '9.91'; allowed is a reading as the others are, 3.25 uS to 25.8 uS for 90 % of them; mend",
        ),
        (
            "LTP,LTD\n" + "1e-6,2e-6\n" * 25 + "-3e-6,1e-6\n",
            "line 27: .*LTP is '-3e-6'; allowed is a reading as the others",
        ),
        (f"{HEAD}\n{_rows(19)}", "19 up .*too few.*1 more of those"),
        ("polarity,g_after_S\n" + "1,0.2\n1,0.7\n" * 30, "runs from 0.2 to 0.7 S, .*no conductances of a memory cell"),
        ("0,1,1e-6\n1,-1,2e-6\n" * 30, "line 1: column 2 holds nothing but \\+1 and -1, like polarities; say what the"),
        (f"{HEAD}\n{_rows(25)}a,25,1,1.2,1e-7,2e-6,nan\n", "line 27: g_after_S is 'nan'; allowed is a finite number"),
        (f"{HEAD}\n{_rows(25)},25,1,1.2,1e-7,2e-6,3e-6\n", "line 27: device_id is ''; allowed is the name of a device"),
        ("-1,1\n" * 30, "no conductances of a memory cell; say what they are.*--unit 5e-6 --zero 10e-6"),
        ("0.1,0.2\n0.3,0.5\n" * 30, "no conductances of a memory cell"),  # normalised, perhaps
        ("1,2,3\n" * 30, "two curves.*here are 3 columns; wanted is"),
        ("1e-6\n" * 30, "two curves.*here is one column"),
        ("1e-6,1e-6\nx,2e-6\n" * 30, "line 2: the up curve is 'x'"),
        ("up,down\n1e-06,\n", "has one reading only; a pulse needs a reading before and one after it"),
        ("polarity,g_after_S\n1,2e-6\n", "has one reading only"),
        ("polarity,g_after_S\n" + "1,2e-6\n" * 30, "all readings are 2 uS: no pulse changed anything"),
        (
            "pulse_index,polarity,g_after_S\n" + "7,1,2e-6\n" * 9,
            "of 9 readings no two follow each other, as pulse_index",
        ),
        (f'{HEAD}\na,0,1,1.2,1e-7,1e-6,"2e-6\n{_rows(3)}', "4 up"),  # a stray quotation mark ends with its line
        (f"{HEAD}\n{_rows(3)}a,inf,1,1.2,1e-7,2e-6,2e-6\n", "line 5: pulse_index is 'inf'"),
        (
            f"{HEAD}\n{_rows(3)}a,3,1,1e30,1e-7,2e-6,2e-6\n",
            "2 values of amplitude_V .1.2, 1e.30 V; 1e.30 only in line 5",
        ),
        (f"{HEAD}\n{_rows(3)}a,3,1,1e300,1e-7,2e-6,2e-6\n", "line 5: amplitude_V is '1e300'"),
        (
            "polarity,g_after_S\n" + "1,1e-6\n" * 5 + "1," + "1" * 200_000 + "\n",
            "line 7: g_after_S is '1111",
        ),
        ("polarity,g_after_S,g_after_S\n" + "1,1e-6,2e-6\n" * 30, "line 1: columns 2 and 3 are both named 'g_after_S'"),
        ("polarity,G,G (uS)\n" + "1,1e-6,2e-6\n" * 30, "columns 'G' and 'G \\(uS\\)' both seem to be readings after"),
        (
            "polarity,G,G.1\n" + "1,1e-6,2e-6\n" * 30,
            "line 1: columns 2 and 3 are both named 'G'",
        ),  # as pandas writes them
        ("polarity,cell1,cell1\n" + "1,1e-6,2e-6\n" * 30, "line 1: columns 2 and 3 are both named 'cell1'"),
        ("ramp1,ramp1\n" + "1e-6,2e-6\n2e-6,4e-6\n" * 30, "line 1: columns 1 and 2 are both named 'ramp1'"),
        ("LTP,LTP\n" + "1e-6,2e-6\n" * 30, "two columns are named 'ltp'"),
        (
            "polarity,G (furlong)\n1,2\n",
            "column 2 'G \\(furlong\\)' has the unit 'furlong', which is not known; allowed are S",
        ),
        ("polarity,r_after (mohm)\n1,2\n", "has the unit 'mohm', which is not known"),  # milli or mega
        ("polarity,G\n,parsec\n1,2\n", "column 2 'G' has the unit 'parsec', which is not known"),
        ("polarity,width (y),G\n1,2,1e-6\n", "column 2 'width \\(y\\)' has the unit 'y'.*ns, min, h, d \\(widths"),
        ("polarity,I (uA)\n" + "1,2\n" * 30, "'I \\(uA\\)' holds currents in uA; give the voltage.*--read-voltage 0.1"),
        ("pulse,G (uS)\n1,2\n", "no column of 'pulse', 'G \\(uS\\)' says which pulses go up; add polarity"),
        ("n,V (V),G (uS)\n1,1,2\n2,0,3\n", "line 3: V \\(V\\) is '0'; allowed is a voltage other than 0"),
        (
            "pulse_index,polarity,g_after_S\n" + "".join(f"{9 + 10 * i},1,{1 + i}e-6\n" for i in range(30)),
            "pulse_index goes up by 10, so there is a reading after every 10 pulses only",
        ),
        (
            "n,polarity,G\n"
            + "".join(f"{n + 200 * k},{(-1) ** k},{1 + i}e-6\n" for k in range(9) for i, n in enumerate(LOG)),
            "n goes up by 1 to 100, so there is a reading after every 1 to 100 pulses only.*read after each$",
        ),
        ("n,LTP,LTD\n" + "".join(f"{5 * i},{1 + i}e-6,{9 + i}e-6\n" for i in range(30)), "n goes up by 5"),
        (_sweep("Voltage (V),Current (A)\n"), "looks like an I-V sweep: 'Voltage \\(V\\)' runs through many voltages"),
        (_sweep("V1,I1\n"), "looks like an I-V sweep: the first column runs up and down in steps of 0.05"),
        (_sweep(""), "looks like an I-V sweep"),
        (
            "Model,TBS\nRecord Length,2500\nTIME,CH1\n"
            + "".join(f"{i * 1e-9:.3e},{np.sin(i):.4f}\n" for i in range(50)),
            "looks like a trace over time \\('TIME'\\), as of an oscilloscope; wanted are readings",
        ),
        (
            "".join(f"{i * 1e-9:.3e},{np.sin(i):.4f}\n" for i in range(50)),
            "the first column goes in equal steps of 1e-09.*two files, --up and --down",
        ),
        ("".join(f"{i},{2 + np.sin(i):.4f}e-6\n" for i in range(50)), "one curve of a direction that is not said"),
        (
            "Dear colleague,\nplease find below\nnothing at all.\n",
            "holds no row of numbers and no header that is known",
        ),
        ("\x00\x01\x02\x03", "is no text"),
    ],
)
def test_bad_files(tmp_path, text, message):
    with pytest.raises(InputError, match=message) as refused:
        read_pulses(write(tmp_path / "mine.csv", text))
    assert len(str(refused.value)) < 700
    assert str(refused.value).startswith(("mine.csv", "polarity: "))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"unit": 5.0}, "unit: got 5"),
        ({"unit": "furlong"}, "unit: got 'furlong'; allowed are S"),
        ({"zero": 1e-6}, "zero: got 1e-06 S; give with it the unit as a number"),
        ({"unit": "uS", "zero": 1e-6}, "zero: got"),
        ({"read_voltage": 0.0}, "read_voltage: got 0 V"),
        ({"read_voltage": float("nan")}, "read_voltage: got nan"),
        ({"unit": 1e-6, "read_voltage": 0.1}, "unit: got a number of siemens and a read voltage"),
        ({"unit": "kOhm", "read_voltage": 0.1}, "holds resistances in kOhm, and a read voltage"),
        ({"up": "x.csv"}, "file: give one file of pulses, or those of up and down"),
        ({"path": None}, "file: give one file of pulses"),
        ({"path": None, "up": "none.csv"}, "none.csv: cannot be read"),
        ({"path": "none.csv"}, "none.csv: cannot be read .*; give the path"),
        ({"path": "."}, "is no file; wanted is a table"),
        ({"unit": "uA", "read_voltage": 0.1}, "a.csv: column 1 runs from"),
    ],
)
def test_bad_options(tmp_path, options, message):
    path = write(tmp_path / "a.csv", "".join(f"-{i}e-2,{i}e-2\n" for i in range(30)))
    with pytest.raises(InputError, match=message):
        read_pulses(**{"path": path} | options)


def test_two_files_that_do_not_fit(tmp_path):
    up, down = write(tmp_path / "u.csv", "LTP\n1e-6\n2e-6\n"), write(tmp_path / "d.csv", "LTP\n1e-6\n2e-6\n")
    with pytest.raises(InputError, match=r"d\.csv, line 1: 'ltp' is a column of up pulses"):
        read_pulses(up=up, down=down)
    with pytest.raises(InputError, match="rows are chosen in one file"):
        read_pulses(up=up, where={"a": "1"})
    with pytest.raises(InputError, match=r"s\.csv, line 1: looks like an I-V sweep"):
        read_pulses(up=write(tmp_path / "s.csv", _sweep("Voltage (V),Current (A)\n")), read_voltage=0.1)
    curves = write(tmp_path / "c.csv", "LTP,LTD\n1e-6,1e-6\n2e-6,1e-6\n")
    with pytest.raises(InputError, match="nothing to choose rows by"):
        read_pulses(curves, where={"a": "1"})
    long = write(tmp_path / "l.csv", "polarity,g_after_S\n1,1e-6\n-1,1.5e-6\n")
    with pytest.raises(InputError, match=r"l\.csv, line 3: polarity is '-1'; allowed is up"):
        read_pulses(up=long)


def test_files_that_are_no_text(tmp_path):
    for name, data, message in (
        ("x.xlsx", b"\xff\xfe\x00binary", "cannot be read as Excel|need openpyxl"),
        ("x.xls", b"\xd0\xcf\x11\xe0\xa1\xb1", "of an Excel before 2007; save it as .xlsx or CSV"),
        ("x.csv", b"\x89HDF\r\n\x1a\n" + bytes(40), "is no text"),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(InputError, match=message):
            read_pulses(tmp_path / name)
