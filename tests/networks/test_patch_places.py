import numpy as np
import pytest

from insitu.errors import InputError
from insitu.networks.patches import unfold
from insitu.networks.places import Places

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 7, 9, 2), dtype=np.uint8)
FLAT = IMAGES.reshape(3, -1)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("off", [True, False])
def test_patches_are_those_of_a_convolution_with_off_beside_on(stride, off):
    places = Places((7, 9, 2), 3, stride=stride, regions=2, off=off)
    both = np.stack([IMAGES, 255 - IMAGES], axis=-1).reshape(3, 7, 9, 4) if off else IMAGES
    wanted = unfold(both.astype(np.float32), 3, stride).reshape(3, places.count, places.rows)
    every = np.tile(np.arange(places.count), (3, 1))
    np.testing.assert_array_equal(places.patches(places.lines(FLAT), every), wanted)


@pytest.mark.parametrize("blank", [0.0, 0.3, 0.99, None])
def test_a_patch_is_shown_if_one_of_its_pixels_is_bright(blank):
    places = Places((7, 9, 2), 3, stride=2, blank=blank, off=False)
    dim = FLAT // 3 * (np.random.default_rng(1).random(FLAT.shape) < 0.1).astype(np.uint8)
    every = np.tile(np.arange(places.count), (3, 1))
    brightest = places.patches(dim, every).max(axis=2)
    wanted = np.ones_like(brightest, bool) if blank is None else brightest > blank * 255
    np.testing.assert_array_equal(places.busy(dim), wanted)


def test_regions_divide_the_positions():
    places = Places((7, 9, 1), 3, regions=2)
    assert places.across == (5, 7)
    high, wide = np.divmod(np.arange(35), 7)
    np.testing.assert_array_equal(places.region, 2 * (high >= 3) + (wide >= 4))
    assert set(Places((28, 28, 1), 7, regions=3).region) == set(range(9))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"size": 8}, "size: got a patch of 8 x 8 pixels, but an image has 7 x 9; give a smaller size"),
        ({"size": 0}, "size: got 0; allowed is a whole number of at least 1"),
        ({"size": 3, "stride": 0}, "stride: got 0"),
        ({"size": 5, "regions": 4}, "regions: got 4 along each axis, but there are 3 x 5 positions"),
        ({"size": 3, "blank": 50}, "blank: got 50; allowed is a number from 0 to 1"),
        ({"size": 3, "off": 1}, "off: got 1; allowed are True and False"),
    ],
)
def test_what_does_not_fit_is_refused(options, sentence):
    with pytest.raises(InputError, match=f"^{sentence}"):
        Places((7, 9, 1), **options)
