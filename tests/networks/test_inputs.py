from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from insitu.datasets import idx
from insitu.errors import DataError, InputError
from insitu.networks.inputs import InputMap, active_pixels
from insitu.networks.spiking import PoissonInput

MNIST = Path(__file__).parents[2] / ".." / "shared" / "data" / "mnist" / "train-images-idx3-ubyte.gz"


def test_keeps_what_is_bright_often_enough():
    pictures = np.array([[0, 1, 2, 9], [0, 1, 2, 0], [0, 1, 0, 0], [0, 1, 0, 0]])
    assert active_pixels(pictures, fraction=0.3).tolist() == [False, False, True, False]
    assert active_pixels(pictures, fraction=0.25).tolist() == [False, False, True, False]  # more than, not as many
    assert active_pixels(pictures, fraction=0.2).tolist() == [False, False, True, True]
    assert active_pixels(pictures, fraction=0.0, threshold=0).tolist() == [False, True, True, True]


def test_the_number_of_inputs_that_the_paper_states():
    """397 of the 784 pixels of MNIST where it stands; else that the rule drops the margin of the embedded digits."""
    if MNIST.exists():
        assert active_pixels(idx.read_idx(MNIST, 3).reshape(60_000, 784)).sum() == 397
    digits = load_digits().data
    assert active_pixels(digits).sum() == sum((column > 1).sum() > 0.05 * len(digits) for column in digits.T) < 64


def test_refuses_when_nothing_is_left():
    with pytest.raises(DataError, match="no input is left"):
        active_pixels(np.zeros((3, 4)))
    with pytest.raises(InputError, match="fraction"):
        active_pixels(np.ones((3, 4)), fraction=5)


def test_intensities():
    mask = np.array([True, False, True, True, True])
    pictures = np.array([[-3.0, 99.0, 0.0, 2.0, 9.0]])
    assert InputMap(mask, 4.0)(pictures).tolist() == [[0, 0, 128, 255]]
    assert InputMap(mask, 4.0)(pictures).dtype == np.uint8


def test_bytes_pass_unchanged():
    pictures = np.arange(256, dtype=np.uint8).reshape(1, 256)
    everything = InputMap(np.ones(256, bool), 255)
    assert (everything(pictures) == pictures).all()
    assert (everything(pictures.astype(float)) == pictures).all()
    assert everything(pictures).flags.c_contiguous


@pytest.mark.parametrize("full", [0.0, -1.0, np.nan, np.inf])
def test_refuses_a_full_intensity_that_is_none(full):
    with pytest.raises(InputError, match="full_intensity"):
        InputMap(np.ones(3, bool), full)


def test_chances_are_those_of_a_poisson_train():
    chance = PoissonInput(rate=200.0).chance()
    assert chance[0] == 0
    assert chance[255] / 65536 == pytest.approx(1 - np.exp(-0.2), abs=1e-5)
    assert chance[100] / 65536 == pytest.approx(1 - np.exp(-0.2 * 100 / 255), abs=1e-5)
    assert (np.diff(chance.astype(int)) >= 0).all()
    assert PoissonInput(rate=10_000.0).chance()[255] == 65533  # exp(-10) is left
