import numpy as np
import pytest
from cases import BINARY, IDEAL
from hypothesis import given, settings
from hypothesis import strategies as st

from insitu.cells import BitSlices, DifferentialPair, ReferencedDevice, SingleDevice
from insitu.errors import InputError

once = settings(derandomize=True, deadline=None, max_examples=60, database=None)
ENCODINGS = {
    "single": SingleDevice(),
    "single, shifted": SingleDevice(w_min=0.0, w_max=0.25),
    "pair": DifferentialPair(w_max=2.0),
    "1 bit": BitSlices(bits=1),
    "5 bits": BitSlices(bits=5, w_min=-3.0, w_max=1.0),
}
encodings = pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)


def decoded(encoding, g, device):
    """The weight by the linear map; a bit counts as on or off only, measured from g_min."""
    gains, _, offset = encoding.map(device)
    return offset + np.tensordot(gains, g - device.g_min if encoding.digital else g, 1)


@encodings
@once
@given(unit=st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_what_is_encoded_is_decoded(encoding, unit):
    device = BINARY if encoding.digital else IDEAL["constant"]
    span = encoding.w_max - encoding.w_min
    weights = encoding.w_min + span * np.array(unit)
    g = encoding.encode(weights, device)
    assert g.shape == (encoding.planes, len(unit))
    assert (g >= device.g_min * (1 - 1e-12)).all()
    assert (g <= device.g_max * (1 + 1e-12)).all()
    half_a_step = span / (2**encoding.bits - 1) / 2 if encoding.digital else 0.0
    assert decoded(encoding, g, device) == pytest.approx(weights, abs=half_a_step * (1 + 1e-9) + 1e-12 * span)


@encodings
def test_weights_beyond_the_range_are_cut_to_it(encoding):
    device = BINARY if encoding.digital else IDEAL["constant"]
    g = encoding.encode(np.array([-100.0, 100.0]), device)
    assert decoded(encoding, g, device) == pytest.approx([encoding.w_min, encoding.w_max])


@encodings
def test_the_sign_of_a_plane_is_the_way_that_raises_the_weight(encoding):
    gains, signs, _ = encoding.map(IDEAL["constant"])
    assert (np.sign(gains) == signs).all()
    assert len(gains) == encoding.planes


@encodings
def test_shapes_of_any_dimension(encoding):
    weights = np.full((2, 3, 4), (encoding.w_min + encoding.w_max) / 2)
    assert encoding.encode(weights, BINARY).shape == (encoding.planes, 2, 3, 4)


def test_codes_are_binary_numbers_with_the_lowest_bit_in_plane_0():
    g = BitSlices(bits=3).encode(-1 + 2 / 7 * np.arange(8), BINARY)
    codes = (g > 4e-6).T.astype(int)
    assert [sum(bit << p for p, bit in enumerate(code)) for code in codes] == list(range(8))


def test_a_pair_is_placed_about_the_middle_of_the_range():
    device = IDEAL["constant"]
    g = DifferentialPair().encode(np.linspace(-1, 1, 5), device)
    assert g.mean(axis=0) == pytest.approx(np.full(5, (device.g_min + device.g_max) / 2))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SingleDevice(w_min=1.0, w_max=1.0), "w_max: got 1.0; must be above w_min"),
        (lambda: SingleDevice(w_min=np.nan), "w_max"),
        (lambda: DifferentialPair(w_max=0.0), "w_max: got 0.0"),
        (lambda: DifferentialPair(w_max=np.nan), "w_max"),
        (lambda: BitSlices(bits=0), "bits: got 0"),
        (lambda: BitSlices(bits=17), "bits: got 17"),
        (lambda: BitSlices(bits=2.0), "bits: got 2.0"),
        (lambda: BitSlices(bits=True), "bits: got True"),
        (lambda: BitSlices(w_min=2.0), "w_max"),
    ],
)
def test_refuses(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_a_reference_that_is_none_is_refused():
    with pytest.raises(InputError, match="reference: got 'row'"):
        ReferencedDevice(reference="row")
