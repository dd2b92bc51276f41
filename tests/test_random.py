import naive
import naive_methods
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from scipy import stats

from insitu import random
from insitu.errors import InputError
from insitu.kernels.philox import philox as compiled_philox
from insitu.random import (
    LISTENING,
    STREAM_VERSION,
    Stream,
    check_seed,
    content_numbers,
    normal,
    offset,
    permutation,
    philox,
    uniform,
    words,
)

KNOWN = {  # kat_vectors of the Random123 distribution, philox4x32 with 10 rounds: counter, key, result
    "zeros": ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    "ones": ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    "pi": ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
}
once = settings(derandomize=True, deadline=None, max_examples=60, database=None)
word = st.integers(0, 2**32 - 1)


@njit
def one_block(counter, key):
    return compiled_philox(counter[0], counter[1], counter[2], counter[3], key)


def hexadecimal(text):
    return [int(part, 16) for part in text.split()]


@pytest.mark.parametrize("vector", KNOWN.values(), ids=KNOWN)
def test_published_vectors(vector):
    counter, (low, high), result = map(hexadecimal, vector)
    key, numbers = low | high << 32, np.array(counter, np.uint64)
    assert philox(numbers, key).tolist() == result
    assert list(one_block(numbers, np.uint64(key))) == result
    assert list(naive.philox(counter, key)) == result


@once
@given(counter=st.tuples(word, word, word, word), key=st.integers(0, 2**64 - 1))
def test_the_three_implementations_agree(counter, key):
    numbers = np.array(counter, np.uint64)
    assert philox(numbers, key).tolist() == list(one_block(numbers, np.uint64(key))) == list(naive.philox(counter, key))


@once
@given(seed=st.integers(0, 2**64 - 1), stream=word, time=st.integers(0, 2**64 - 1), place=word)
def test_an_address_is_time_place_time_stream(seed, stream, time, place):
    block = words(seed, stream, np.array([place]), time)[0].tolist()
    assert block == list(naive.philox((time % 2**32, place, time >> 32, stream), seed))


def test_one_number_does_not_depend_on_the_others():
    places = np.array([7, 3, 999, 3])
    assert (uniform(1, 2, 1000, 5)[places] == uniform(1, 2, places, 5)).all()


def test_uniform_numbers_are_uniform():
    u = uniform(3, Stream.WEIGHTS, 200_000)
    assert u.min() > 0
    assert u.max() < 1
    assert stats.kstest(u, "uniform").pvalue > 0.01
    assert u.mean() == pytest.approx(0.5, abs=4 / np.sqrt(12 * u.size))
    assert np.corrcoef(u[1:], u[:-1])[0, 1] == pytest.approx(0, abs=4 / np.sqrt(u.size))


@pytest.mark.parametrize("bits", [0, 0xFFFFFFFF])
def test_uniform_numbers_are_never_0_or_1(monkeypatch, bits):
    monkeypatch.setattr(random, "words", lambda *_: np.full((1, 4), bits, np.uint64))
    assert 0 < uniform(0, 0, 1)[0] < 1
    assert np.isfinite(normal(0, 0, 1)[0])


def test_normal_numbers_are_normal():
    z = normal(4, Stream.FABRICATE, 200_000, 2)
    assert stats.kstest(z, "norm").pvalue > 0.01
    assert z.mean() == pytest.approx(0, abs=4 / np.sqrt(z.size))
    assert z.var() == pytest.approx(1, abs=4 * np.sqrt(2 / z.size))


def test_streams_places_times_and_seeds_share_no_number():
    addresses = [
        (seed, stream + offset(index), time)
        for seed in (0, 1, 2**32)
        for stream in Stream
        for index in (0, 1)
        for time in (0, 1, 2**32)
    ]
    blocks = np.concatenate([words(seed, stream, 200, time) for seed, stream, time in addresses])
    assert len(np.unique(blocks, axis=0)) == len(blocks) == 200 * len(addresses)
    u = np.array([uniform(seed, stream, 200, time) for seed, stream, time in addresses])
    r = np.corrcoef(u)[np.triu_indices(len(u), 1)]
    assert np.abs(r).max() < 5.5 / np.sqrt(200)  # the largest of 52,000 correlations
    assert r.std() == pytest.approx(1 / np.sqrt(200), rel=0.05)


def test_the_numbers_of_the_streams_are_those_that_the_kernels_are_tested_with():
    twins = vars(naive) | vars(naive_methods)
    found = {name: twins[name] for name in Stream.__members__ if name in twins}
    assert found == {name: Stream[name] for name in found}
    assert len(found) == 11
    assert sorted(Stream) == list(range(20))


def test_arrays_are_as_many_streams_apart_as_there_may_be():
    assert [offset(index) for index in (0, 1, 7)] == [0, naive.STREAMS, 7 * naive.STREAMS]
    assert max(Stream) < naive.STREAMS
    assert STREAM_VERSION == 3  # raise it with the meaning of an address


def test_the_number_of_an_example_follows_from_its_content_alone():
    examples = np.random.default_rng(0).random((500, 7), np.float32)
    found = content_numbers(examples)
    assert (content_numbers(examples[::-1])[::-1] == found).all()
    assert (content_numbers(examples[3:4]) == found[3:4]).all()
    assert len(np.unique(found)) == 500
    assert int(found.min()) >= LISTENING > 2**40  # no number of an example that is learned
    assert int(found.max()) < LISTENING + 2**32


def test_permutations_are_permutations_and_differ():
    orders = [permutation(0, 50, epoch) for epoch in range(3)] + [permutation(1, 50, 0)]
    assert all(sorted(order.tolist()) == list(range(50)) for order in orders)
    assert len({tuple(order) for order in orders}) == 4


@pytest.mark.parametrize("seed", [-1, 2**64, 1.0, "1", None, True, np.int64(-3)])
def test_refuses_what_is_no_seed(seed):
    with pytest.raises(InputError, match=r"seed: got .* whole number"):
        check_seed(seed)


def test_accepts_all_64_bits():
    assert [check_seed(seed) for seed in (0, 2**64 - 1, np.int64(5))] == [0, 2**64 - 1, 5]
