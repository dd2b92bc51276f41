import pytest

from insitu.units import micro, si


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (2.3e-6, "S", "2.3 uS"),
        (0, "S", "0 S"),
        (None, "S", "off"),
        (-4.7e-8, "S", "-47 nS"),
        (999.6, "", "1 k"),
        (9.999e-4, "J", "1 mJ"),
    ],
)
def test_si(value, unit, text):
    assert si(value, unit) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2.3 uS", "2.3 µS"),
        ("16.8 uJ (6.36 uJ to 200 uJ), and more", "16.8 µJ (6.36 µJ to 200 µJ), and more"),
        ("conductance (uS)", "conductance (µS)"),
        ("2,400 up and 2,400 down pulses", "2,400 up and 2,400 down pulses"),
        ("3 units (unpruned)", "3 units (unpruned)"),
    ],
)
def test_the_greek_letter_is_for_units_only(text, shown):
    assert micro(text) == shown
