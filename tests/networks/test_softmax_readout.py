import numpy as np

from insitu.networks.softmax_readout import SoftmaxReadout

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 3, 250)
COUNTS = RNG.poisson(np.array([[8, 4, 2, 1, 5], [2, 6, 6, 1, 5], [2, 2, 2, 9, 5]])[LABELS]).astype(np.uint16)


def test_it_knows_nothing_before_and_more_than_chance_after():
    begun = SoftmaxReadout.begin(COUNTS, 3)
    np.testing.assert_allclose(begun.probabilities(COUNTS), 1 / 3)
    z = (np.sqrt(COUNTS) - begun.mean) * begun.scale
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose((z**2).sum(axis=1).mean(), 9, rtol=1e-4)
    found = begun.learn(COUNTS, LABELS, 0).probabilities(COUNTS)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert (found.argmax(axis=1) == LABELS).mean() > 0.85


def test_it_comes_near_the_minimum_of_the_regularised_cross_entropy():
    from scipy.optimize import minimize

    begun = SoftmaxReadout.begin(COUNTS, 3)
    z, wanted = (np.sqrt(COUNTS) - begun.mean) * begun.scale, np.eye(3)[LABELS]

    def loss(flat):
        w, b = flat[:15].reshape(5, 3), flat[15:]
        u = z @ w + b
        logs = u - np.log(np.exp(u).sum(axis=1, keepdims=True))
        return -(wanted * logs).sum() / len(z) + 0.5e-4 * (w**2).sum()

    best, readout = minimize(loss, np.zeros(18)).fun, begun
    for seed in range(20):
        readout = readout.learn(COUNTS, LABELS, seed)
    assert (
        best <= loss(np.concatenate([readout.weights.ravel(), readout.bias])) + 1e-9 < best + 0.02 < loss(np.zeros(18))
    )


def test_an_answer_depends_on_no_other_row():
    readout = SoftmaxReadout.begin(COUNTS, 3).learn(COUNTS, LABELS, 0)
    together = readout.probabilities(COUNTS)
    np.testing.assert_array_equal(together[7:8], readout.probabilities(COUNTS[7:8]))
    assert (together != SoftmaxReadout.begin(COUNTS, 3).learn(COUNTS, LABELS, 1).probabilities(COUNTS)).any()


def test_counts_that_are_alike_begin_nothing():
    begun = SoftmaxReadout.begin(np.full((4, 6), 3), 2)
    assert begun.blind
    learned = begun.learn(np.full((4, 6), 3), np.array([0, 0, 0, 1]), 0)
    assert not learned.weights.any()  # and the bias knows which class there is more of
    np.testing.assert_array_equal(learned.probabilities(np.arange(12).reshape(2, 6)).argmax(axis=1), [0, 0])
