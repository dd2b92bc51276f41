"""Names of columns in German and Chinese, the read voltage in a column, states as G0 and G1, trains that count anew."""

import numpy as np
import pytest
from laboratories import ramps, same, write

from insitu.errors import InputError
from insitu.measure import pulses, read_pulses
from insitu.measure.reading.quantities import Given
from insitu.measure.reading.series import read_series

CURVES = ramps()
STEPS = [(way, value) for way, values in CURVES for value in values]
WAY, AFTER = np.array([way for way, _ in STEPS]), np.array([value for _, value in STEPS])
WHOLE = pulses(WAY[1:], AFTER[:-1], AFTER[1:], index=np.arange(1, len(STEPS)))


def table(path, head, *columns, separator=","):
    """A file of these columns."""
    rows = [separator.join(map(str, row)) for row in zip(*columns, strict=True)]
    return write(path / "a.csv", "\n".join([head, *rows]))


@pytest.mark.parametrize(
    "head", ["Polarität,Leitwert (S)", "Richtung,Leitwert nach (S)", "极性,电导 (S)", "方向,电导 后 (S)"]
)
def test_names_in_other_languages(tmp_path, head):
    same(read_pulses(table(tmp_path, head, WAY, AFTER)), WHOLE)


def test_words_for_directions_in_other_languages(tmp_path):
    for up, down in (("positiv", "negativ"), ("正", "负"), ("增强", "抑制")):
        same(read_pulses(table(tmp_path, "x,g", np.where(WAY > 0, up, down), AFTER)), WHOLE)


@pytest.mark.parametrize(
    ("head", "volts", "factor"),
    [("V_read", 0.2, 1.0), ("V_read (mV)", 200, 1e-3), ("Read voltage", -0.2, 1.0), ("读电压 (V)", 0.2, 1.0)],
)
def test_currents_are_divided_by_the_read_voltage_of_the_file(tmp_path, head, volts, factor):
    current = [f"{value * volts * factor * 1e6:.9g}" for value in AFTER]
    found = read_pulses(table(tmp_path, f"polarity,{head},I_read (uA)", WAY, [volts] * AFTER.size, current))
    np.testing.assert_allclose([found.before, found.after], [WHOLE.before, WHOLE.after], rtol=1e-8)
    assert "200 mV, as the file says" in found.unit
    assert found.aside == ()


def test_the_user_goes_before_the_read_voltage_of_the_file(tmp_path):
    path = table(tmp_path, "polarity,V_read,I", WAY, [0.4] * AFTER.size, AFTER * 0.2)
    found = read_pulses(path, read_voltage=0.2)
    np.testing.assert_allclose(found.after, WHOLE.after)
    assert found.aside == ("column 'V_read'",)


def test_each_row_may_have_its_own_read_voltage(tmp_path):
    volts = np.where(np.arange(AFTER.size) % 3, 0.1, -0.2)
    found = read_pulses(table(tmp_path, "polarity,V_read,I", WAY, volts, AFTER * volts))
    np.testing.assert_allclose(found.after, WHOLE.after)
    series = read_series(
        table(tmp_path, "time_s,v_read,i_A", range(AFTER.size), volts, AFTER * volts), "time", given=Given()
    )
    np.testing.assert_allclose(series.g, AFTER)
    assert series.aside == ()


def test_a_read_voltage_of_0_is_refused_with_its_line(tmp_path):
    volts = [0.1, 0.1, 0.0, *[0.1] * (AFTER.size - 3)]
    with pytest.raises(InputError, match=r"line 4: V_read is '0\.0'; allowed is a voltage other than 0"):
        read_pulses(table(tmp_path, "polarity,V_read,I", WAY, volts, AFTER))


@pytest.mark.parametrize("head", ["G0,G1", "G_0 (S),G_1 (S)", "g_old,g_new", "g_start,g_end"])
def test_two_columns_that_go_on_from_each_other_are_before_and_after(tmp_path, head):
    found = read_pulses(table(tmp_path, f"polarity,{head}", WAY[1:], AFTER[:-1], AFTER[1:]))
    assert (found.before.tolist(), found.after.tolist()) == (AFTER[:-1].tolist(), AFTER[1:].tolist())
    assert found.names == ("device",)


def test_a_start_without_a_quantity_is_no_reading(tmp_path):
    found = read_pulses(table(tmp_path, "polarity,start,end,g", WAY, range(WAY.size), range(WAY.size), AFTER))
    same(found, WHOLE)
    assert found.aside == ("columns 'start', 'end'",)


def test_two_columns_that_do_not_are_two_devices(tmp_path):
    found = read_pulses(table(tmp_path, "polarity,G0,G1", WAY, AFTER, 0.9 * AFTER))
    assert found.names == ("G0", "G1")


def test_trains_that_count_from_1_follow_each_other(tmp_path):
    number = np.concatenate([np.arange(1, len(values) + 1) for _, values in CURVES])
    same(read_pulses(table(tmp_path, "pulse,polarity,g", number, WAY, AFTER)), WHOLE)


def test_trains_between_which_the_cell_was_changed_do_not(tmp_path):
    number = np.concatenate([np.arange(1, len(values) + 1) for _, values in CURVES])
    moved = np.concatenate([np.array(values) + 2e-6 * i for i, (_, values) in enumerate(CURVES)])
    found = read_pulses(table(tmp_path, "pulse,polarity,g", number, WAY, moved))
    assert found.of.size == AFTER.size - len(CURVES)
    assert np.count_nonzero(found.begins) == len(CURVES)
