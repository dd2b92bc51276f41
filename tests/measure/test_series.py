"""Files of readings over time or cycles, as laboratories write them."""

import numpy as np
import pytest

from insitu.errors import InputError
from insitu.measure import read_pulses
from insitu.measure.reading.quantities import Given
from insitu.measure.reading.series import Series, read_series
from insitu.measure.reliability.traces import traces_of

LONG = "device_id,level,temperature_C,time_h,g_uS\n" + "".join(
    f"{d},{k},{heat},{t},{k * (1 - t / 100):.4g}\n"
    for d in "ab"
    for k in (2, 5)
    for heat in (85, 125)
    for t in (0.1, 1, 10, 24)
)


@pytest.fixture
def file(tmp_path):
    def write(text, name="mine.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_one_row_a_reading(file):
    found = read_series(file(LONG), "time")
    assert found.names == ("a", "b")
    assert found.g[0] == pytest.approx(2e-6 * 0.999)
    assert found.at[:4] == pytest.approx([360, 3600, 36000, 86400])
    assert set(found.temperature) == {358.15, 398.15}
    assert (
        found.told()[1]
        == "Readings: 32 readings of 2 devices at 2 levels, from 1.52 uS to 5 uS (conductances in uS); at 358.1, 398.1 K."
    )
    traces = traces_of(found)
    assert traces.g.shape == (8, 4)
    assert traces.levels == ("2", "5")
    assert traces.named(0) == "a, level 2"


def test_time_that_goes_back_begins_another_trace(file):
    found = traces_of(read_series(file("t (s),G (uS)\n1,5\n10,4\n100,3\n1,9\n10,8\n"), "time"))
    assert found.sizes.tolist() == [3, 2]
    assert found.named(0) == "the cell"


@pytest.mark.parametrize(
    ("text", "devices", "levels"),
    [
        ("time_s,cell1,cell2\n1,2e-6,3e-6\n2,1e-6,\n", ("cell1", "cell2"), {""}),
        ("time_s,level 1,level 2\n1,2e-6,3e-6\n2,1e-6,2e-6\n", ("",), {"level 1", "level 2"}),
        ("time_s,device,R1,R2\n1,a,2e6,3e6\n2,a,1e6,2e6\n", ("a",), {"R1", "R2"}),
        ("time_s;LRS (kOhm);HRS (kOhm)\n1;10,5;100\n2;11;90,5\n", ("",), {"LRS (kOhm)", "HRS (kOhm)"}),
    ],
)
def test_a_column_a_device_or_a_level(file, text, devices, levels):
    found = read_series(file(text), "time", given=Given(unit="ohm") if "R1" in text else None)
    assert found.names == devices
    assert set(found.level) == levels
    assert found.g.size == (3 if "cell" in text else 4)
    assert 1e-7 < found.g.min() < found.g.max() < 1e-3


@pytest.mark.parametrize(
    "head",
    ["cycle,g_low_S,g_high_S", "Cycle #,HRS,LRS", "cycles,G_reset,G_set", "n,G_off,G_on", "cycle number,g_min,g_max"],
)
def test_windows_over_cycles(file, head):
    found = read_series(file(head + "\n1,1e-6,1e-5\n10,1e-6,9e-6\n"), "cycle")
    assert found.at.tolist() == [1, 10, 1, 10]
    assert sorted(found.g) == [1e-6, 1e-6, 9e-6, 1e-5]
    assert len(set(found.level)) == 2


def test_readings_without_time_are_counted(file):
    found = read_series(file("g_S\n" + "1e-6\n2e-6\n" * 3), "time", needed=False)
    assert found.at.tolist() == [0, 1, 2, 3, 4, 5]


def test_rows_are_chosen_and_bad_ones_left_out_by_line(file):
    path = file("time_s,state,g_S\n" + "".join(f"{t},a,1e-6\n{t},b,2e-6\n" for t in range(20)) + "20,a,oops\n")
    with pytest.raises(InputError, match=r"mine.csv, line 42: g_S is 'oops'; allowed is a finite number; mend it"):
        read_series(path, "time")
    found = read_series(path, "time", where={"state": "a"}, skip_bad=True)
    assert found.g.size == 20
    assert "line 42" in found.told()[2]


PULSES = "polarity,g_after_S\n" + "1,1e-6\n-1,2e-6\n" * 30


@pytest.mark.parametrize(
    ("text", "axis", "message"),
    [
        (PULSES, "time", "line 1: looks like pulses \\('polarity'\\); those are fitted without --kind"),
        ("LTP,LTD\n1e-6,2e-6\n", "cycle", "looks like pulses \\('LTP'\\)"),
        (
            "cycle,g_low,g_high\n1,1e-6,1e-5\n",
            "time",
            "readings over 'cycle' and none over time; those are for --kind endurance",
        ),
        (
            "time_s,g_S\n1,1e-6\n",
            "cycle",
            "readings over 'time_s' and none over cycles; those are for --kind retention or",
        ),
        (
            "x,g_S\n1,1e-6\n",
            "time",
            "no column of 'x', 'g_S' is a time; wanted is one row a reading with columns time_s, g_S",
        ),
        ("time_s,foo\n1,1e-6\n", "time", "no column of 'time_s', 'foo' is known as readings"),
        ("time (weeks),g_S\n1,1e-6\n", "time", "column 1 'time \\(weeks\\)' has the unit 'weeks'.*min, h, d"),
        ("time_s,temperature,g_S\n1,85,1e-6\n", "time", "column 'temperature' has no unit; name it temperature_K"),
        ("time_s,g_S\n1,1e-6\n2,\n", "time", "line 3: g_S is ''; allowed is a finite number"),
        ("time_s,g_S\n1,1e-6,7\n", "time", "line 2: has 3 cells, but the header has 2"),
        ("time_s,i_A\n1,1e-6\n", "time", "holds currents in A; give the voltage"),
        ("time_s,g_S,g_S\n1,1e-6,1e-6\n", "time", "columns 2 and 3 are both named 'g_S'"),
        ("time_s,g_S\n1,5\n", "time", "runs from 5 to 5 S"),
        (
            "time_s,g_S\n1,1e-6\n-9,1e-6\n",
            "time",
            "line 3: time_s is '-9'; allowed is a time since the write, 0 or more",
        ),
        ("cycle,HRS,LRS\n-1,1e-6,1e-5\n", "cycle", "line 2: cycle is '-1'; allowed is a number of cycles, 0 or more"),
        ("time_s,T (C),g_S\n1,-300,1e-6\n", "time", "line 2: .* is '-300'; allowed is a temperature from 1 to 2,000 K"),
    ],
)
def test_what_cannot_be_read_is_refused_by_line_and_column(file, text, axis, message):
    with pytest.raises(InputError, match=message):
        read_series(file(text), axis)


def test_pulses_say_which_kind_another_file_is(file):
    with pytest.raises(InputError, match=r"looks like windows over cycles .*--kind endurance"):
        read_pulses(file("cycle,HRS,LRS\n" + "1,1e-6,1e-5\n" * 30))
    with pytest.raises(InputError, match=r"trace over time .*--kind retention or --kind noise"):
        read_pulses(file("time_s,g_S\n" + "1,1e-6\n" * 30))


def test_a_device_that_is_not_there_cannot_be_left_out(file):
    found = read_series(file(LONG), "time")
    assert found.without(["a"]).names == ("b",)
    with pytest.raises(InputError, match="--without: there is no device 'c'"):
        found.without(["c"])
    with pytest.raises(InputError, match="leaves no device"):
        found.without(["a", "b"])


def test_devices_in_turn_are_told_apart():
    device, at, g = np.array(["a", "b", "a", "b"]), np.array([1.0, 1.0, 2.0, 2.0]), np.arange(1.0, 5) * 1e-6
    series = Series(device, np.full(4, ""), at, None, g, "", "", "")
    assert traces_of(series).g.tolist() == [[1e-6, 3e-6], [2e-6, 4e-6]]
