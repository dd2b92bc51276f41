import pytest

from insitu.arrays import Budget, Crossbar
from insitu.cells import BitSlices, DifferentialPair
from insitu.devices.switch import StochasticSwitch
from insitu.errors import BudgetError, InputError

CHIP = Budget(512 * 1024)
CELL = StochasticSwitch(g_min=1e-6, g_max=7e-6)


def test_the_paper_s_network_on_the_paper_s_array():
    assert CHIP.most_planes(397, 500) == 2
    assert CHIP.most_columns(397, 8) == 165
    CHIP.require(397, 500, 2)
    CHIP.require(397, 165, 8)


def test_a_refusal_does_the_arithmetic_and_names_the_remedies():
    with pytest.raises(BudgetError) as caught:
        CHIP.require(397, 500, 3)
    sentence = str(caught.value)
    assert "397 inputs x 500 neurons x 3 cell(s) a weight = 595,500 cells" in sentence
    assert "the array has 524,288" in sentence
    assert "holds 440 neurons at 3 cell(s) a weight" in sentence
    assert "500 neurons at 2 cell(s) a weight" in sentence


def test_does_not_offer_less_than_one_cell_a_weight():
    with pytest.raises(BudgetError) as caught:
        Budget(1000).require(100, 11, 1)
    assert "at 0 cell(s)" not in str(caught.value)
    assert "10 neurons" in str(caught.value)


@pytest.mark.parametrize(("cells", "fits"), [(60, True), (59, False)])
def test_the_last_cell_counts(cells, fits):
    for encoding, columns in ((BitSlices(bits=3), 4), (DifferentialPair(), 6), (None, 12)):
        if fits:
            Crossbar(CELL, 5, columns, encoding=encoding, budget=Budget(cells))
        else:
            with pytest.raises(BudgetError, match="= 60 cells"):
                Crossbar(CELL, 5, columns, encoding=encoding, budget=Budget(cells))


@pytest.mark.parametrize("cells", [0, -1, 1.5, "512k", None, True])
def test_refuses_what_is_no_number_of_cells(cells):
    with pytest.raises(InputError, match=r"cells: got .* whole number"):
        Budget(cells)
