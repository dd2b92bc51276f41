import pickle
from functools import cache

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits, load_iris
from sklearn.exceptions import NotFittedError

from insitu.arrays import Budget
from insitu.devices.loading import load
from insitu.errors import BudgetError, InputError
from insitu.networks.convolutional_spiking import ConvolutionalSpikingClassifier

X, Y = load_digits(return_X_y=True)
TEST = X[600:1000], Y[600:1000]
X, Y = X[:600], Y[:600]
SHAPE = {"image_shape": (8, 8), "regions": 2, "positions": 10, "random_state": 0}


def model(maps=20, size=4, **options):
    return ConvolutionalSpikingClassifier(maps, size, **SHAPE | options)


@cache
def fitted(**options):
    return model(**options).fit(X, Y)


def same(one, other):
    """Learning has left the same; labels change what is heard of it."""
    for name, array in one.network_.arrays().items():
        if name != "0.heard":
            np.testing.assert_array_equal(array, other.network_.arrays()[name], err_msg=name)


def test_what_is_learned_names_digits_better_than_what_is_not():
    learned, untrained = fitted(epochs=3), fitted(epochs=0)
    counts = learned.transform(TEST[0])
    for how in ("bayes", "softmax"):
        of = [
            (one.probabilities(one.transform(TEST[0]), how).argmax(axis=1) == TEST[1]).mean()
            for one in (learned, untrained)
        ]
        assert of[0] > max(0.65, of[1] + 0.05), how
    assert counts.shape == (400, 80)
    assert untrained.counts_.pulses == 0 < learned.counts_.pulses


def test_labels_are_seen_by_the_readout_alone():
    shuffled = np.random.default_rng(1).permutation(Y)
    one, other, none = fitted(), model().fit(X, shuffled), model().fit(X)
    same(one, other)
    same(one, none)
    assert one.counts_ == other.counts_ == none.counts_
    assert one.listening_counts_.reads > 0 == none.listening_counts_.reads
    with pytest.raises(NotFittedError, match="has learned without labels"):
        none.predict(X)


def test_named_anew_by_another_readout_is_named_so_from_the_start():
    learned = model().fit(X, Y + 10)
    learned.decision = "softmax"
    learned.label(X, Y)
    at_once = model(decision="softmax").fit(X, Y)
    np.testing.assert_array_equal(learned.predict_proba(TEST[0]), at_once.predict_proba(TEST[0]))
    assert learned.classes_.tolist() == list(range(10))


def test_probabilities_and_names():
    one = fitted()
    for how in ("bayes", "vote", "softmax"):
        found = one.probabilities(one.transform(X[:9]), how)
        assert found.sum(axis=1) == pytest.approx(1)
    np.testing.assert_array_equal(one.classes_[one.predict_proba(X[:9]).argmax(axis=1)], one.predict(X[:9]))
    np.testing.assert_array_equal(one.predict(X[:9]), np.concatenate([one.predict(X[n : n + 1]) for n in range(9)]))
    assert [*one.get_feature_names_out()[:2]] == ["convolutionalspikingclassifier0", "convolutionalspikingclassifier1"]
    words = model().fit(X, np.array(["even", "odd"])[Y % 2])
    assert set(words.predict(X[:20])) == {"even", "odd"}


def test_partial_fit_goes_on_where_it_was():
    whole, parts = model().partial_fit(X), model().partial_fit(X[:101])
    same(whole, parts.partial_fit(X[101:300]).partial_fit(X[300:]))
    more = model().partial_fit(X[:300], Y[:300], classes=np.arange(10))
    before = more.softmax_.weights.copy()
    more.partial_fit(X[300:], Y[300:])
    assert (more.softmax_.weights != before).any()
    assert more.readout_.spikes.sum() == more.listening_counts_.spikes_out
    with pytest.raises(InputError, match="label"):
        more.partial_fit(X[:2], [1, 11])


def test_a_pickle_learns_on_and_a_clone_starts_anew():
    one = model().partial_fit(X, Y)
    other = pickle.loads(pickle.dumps(one))
    same(one.partial_fit(X, Y), other.partial_fit(X, Y))
    np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))
    same(clone(one).fit(X), fitted())


def test_noisy_cells_are_felt():
    assert (
        fitted().network_.synapses.values != model(device=load("shi2018-cbram")).fit(X).network_.synapses.values
    ).any()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"image_shape": None}, "image_shape: is missing, and the 64 features of X do not say where they lie"),
        ({"image_shape": (8, 9)}, r"image_shape: got \(8, 9\), which is 72 pixels, but X has 64 features"),
        ({"size": 9}, "size: got a patch of 9 x 9 pixels, but an image has 8 x 8"),
        ({"maps": 0}, "maps: got 0"),
        ({"epochs": -1}, "epochs: got -1"),
        ({"regions": 6}, "regions: got 6 along each axis, but there are 5 x 5 positions"),
        ({"positions": 2.5}, "positions: got 2.5"),
        ({"decision": "best"}, "decision: got 'best'; allowed are bayes, vote, softmax"),
        ({"rule": "stdp"}, "rule: got 'stdp'"),
        ({"device": "cbram"}, "device: unknown name 'cbram'"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(options, sentence):
    with pytest.raises(InputError, match=f"^{sentence}"):
        model(**options).fit(X, Y)


def test_a_memory_that_is_too_small_black_images_and_a_readout_that_was_not_learned_are_refused():
    with pytest.raises(BudgetError, match="640"):
        model(budget=Budget(600)).fit(X)
    with pytest.raises(InputError, match="X: no pixel is above 0"):
        model().fit(np.zeros((5, 64)))
    table = load_iris().data
    with pytest.raises(InputError, match="take SpikingClassifier for a table"):
        model(image_shape=None).fit(table)
    named = model(decision="bayes").fit(X, Y)
    with pytest.raises(InputError, match="decision: got 'softmax', but the network was labelled with 'bayes'"):
        named.probabilities(named.transform(X[:2]), "softmax")
    with pytest.warns(UserWarning, match="% of the pixels are below 0 or above 16, the full intensity"):
        named.predict(X * 3)


@pytest.mark.parametrize("options", [{"blank": 1.0}, {"full_intensity": 1000.0}])
def test_images_of_which_nothing_is_seen_are_warned_of(options):
    with pytest.warns(UserWarning, match="every patch is blank"):
        found = model(**options).fit(X[:20])
    assert found.counts_.pulses == 0
