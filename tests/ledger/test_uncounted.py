import numpy as np
import pytest

from insitu.ledger.uncounted import uncounted


def test_counts_are_as_before():
    one, two = np.arange(8), np.zeros(8, np.int64)
    with uncounted(one, two):
        one += 5
        two[3] = 7
    assert one.tolist() == list(range(8))
    assert not two.any()


def test_counts_are_as_before_after_an_error():
    counts = np.arange(8)

    def look():
        with uncounted(counts):
            counts[:] += 1
            raise KeyError

    with pytest.raises(KeyError):
        look()
    assert counts.tolist() == list(range(8))
