import pytest

from insitu.arrays import Crossbar
from insitu.arrays.tiles import Tiles
from insitu.cells import DifferentialPair, SingleDevice
from insitu.devices.library import load
from insitu.errors import InputError

IDEAL = load("ideal").device


@pytest.mark.parametrize(
    ("rows", "columns", "encoding", "grid"),
    [
        (64, 64, SingleDevice(), (1, 1)),
        (64, 32, DifferentialPair(), (1, 1)),
        (65, 32, DifferentialPair(), (2, 1)),
        (61, 33, DifferentialPair(), (1, 2)),
        (785, 512, DifferentialPair(), (13, 16)),
    ],
)
def test_layout(rows, columns, encoding, grid):
    array = Crossbar(IDEAL, rows, columns, encoding=encoding)
    assert Tiles().grid(array) == grid
    assert Tiles().count(array, array) == 2 * grid[0] * grid[1]
    assert f"{rows} x {columns} weights" in Tiles().describe(array)


def test_a_tile_has_cells():
    with pytest.raises(InputError, match=r"tiles\.rows: got 0"):
        Tiles(rows=0)
