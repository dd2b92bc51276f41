import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.utils.estimator_checks import parametrize_with_checks
from stack_cases import CAPACITOR, capacitors

from insitu.arrays.closed_loop import ClosedLoop
from insitu.cells import MultiConductance, ReferencedDevice, Significance
from insitu.devices.library import load
from insitu.errors import InputError
from insitu.learning.backprop import Neurons
from insitu.networks.crossbar_classifier import CrossbarClassifier
from insitu.schemes import BlindPulses, Transfer

X, Y = (part[:600] for part in load_digits(return_X_y=True))
TEST = load_digits().data[600:1200], load_digits().target[600:1200]
IN_MEMORY = {
    "encoding": capacitors(2),
    "scheme": BlindPulses(transfer=Transfer(every=100, closed_loop=ClosedLoop(tolerance=None))),
}
ways = pytest.mark.parametrize("way", [{}, IN_MEMORY], ids=["floating point", "in memory"])


def model(**parameters):
    return CrossbarClassifier(**{"hidden": (16,), "epochs": 2, "learning_rate": 0.05, "random_state": 0} | parameters)


def identical(one, other):
    for name, value in one.network_.arrays().items():
        np.testing.assert_array_equal(value, other.network_.arrays()[name], err_msg=name)


@parametrize_with_checks(
    [CrossbarClassifier((16,), epochs=20, learning_rate=0.05, random_state=0)],
    expected_failed_checks=lambda _: {"check_sample_weight_equivalence_on_dense_data": "a weight is a rate"},
)
def test_keeps_the_contract_of_scikit_learn(estimator, check):
    check(estimator)


# -- accuracy ----------------------------------------------------------------------------------------------------------


def test_in_floating_point_it_reads_digits():
    """Mean over three seeds; chance is 0.1."""
    assert np.mean([model(epochs=8, random_state=seed).fit(X, Y).score(*TEST) for seed in range(3)]) > 0.88


def part(name, **kwargs):
    return Significance(device=load(name).device, **kwargs)


def pair(name, siemens):
    """A pair of which a weight of 1 is a difference of so many siemens."""
    device = load(name).device
    return MultiConductance(parts=(part(name),), unit=siemens / (device.g_max - device.g_min))


PCM, CAPACITOR_CELL = part("ambrogio2018-pcm", gain=3.0), part("ambrogio2018-3t1c", pair=ReferencedDevice)
LOOSE = Transfer(every=300, offset=0.05, closed_loop=ClosedLoop(tolerance=0.1))
DEVICES = {  # encoding, scheme, bound on the mean over five seeds; chance is 0.1
    "CBRAM": (pair("shi2018-cbram", 3.3e-6), BlindPulses(), 0.5),
    "PCM": (pair("nandakumar2018-pcm", 1e-5), BlindPulses(transfer=Transfer(refresh=100)), 0.2),
    "PCM and capacitors": (MultiConductance(parts=(PCM, CAPACITOR_CELL), unit=2.0), BlindPulses(transfer=LOOSE), 0.75),
}


@pytest.mark.slow
@pytest.mark.parametrize(("encoding", "scheme", "bound"), DEVICES.values(), ids=DEVICES)
def test_on_real_devices_of_the_library_it_reads_digits(encoding, scheme, bound):
    """A pair of strongly nonlinear, noisy devices is far better than chance; capacitors beneath it repair it.

    Bounds and settings were chosen on other digits than these.
    """
    options = {"encoding": encoding, "scheme": scheme, "epochs": 6, "learning_rate": 0.02}
    models = [model(**options, random_state=seed) for seed in range(5)]
    scores = [one.fit(X[:450], Y[:450]).score(*TEST) for one in models]
    assert np.mean(scores) > bound


@pytest.mark.slow
def test_two_significances_do_no_worse_than_floating_point():
    """But for noise of the trains, mean over three seeds."""
    models = [model(**IN_MEMORY, epochs=8, random_state=seed).fit(X, Y) for seed in range(3)]
    assert np.mean([one.score(*TEST) for one in models]) > 0.85
    fine = models[0]
    cells = sum(level.levels[-1].g.size for level in fine.network_.layers)
    assert fine.counts_.charges == (48 + 1) * cells
    assert fine.counts_.pulses > 10_000


# -- as an estimator ---------------------------------------------------------------------------------------------------


@ways
def test_fit_repeats_and_starts_from_scratch(way):
    one, other = model(**way).fit(X[:100], Y[:100]), model(**way)
    identical(one.fit(X, Y), other.fit(X, Y))
    assert one.counts_ == other.counts_
    assert one.n_features_in_ == 64
    assert (model(**way, random_state=1).fit(X, Y).predict_proba(X) != one.predict_proba(X)).any()


@ways
@pytest.mark.parametrize("size", [1, 250, 599])
def test_any_split_of_partial_fit_gives_the_same_weights(way, size):
    whole, parts = model(**way, scale=1 / 16), model(**way, scale=1 / 16)
    whole.partial_fit(X, Y)
    for start in range(0, 600, size):
        parts.partial_fit(X[start : start + size], Y[start : start + size], classes=np.arange(10))
    identical(whole, parts)


@ways
def test_a_fitted_model_is_pickled_and_learns_on(way):
    one = model(**way).partial_fit(X, Y)
    other = pickle.loads(pickle.dumps(one))
    identical(one.partial_fit(X, Y), other.partial_fit(X, Y))
    assert (one.predict(X) == other.predict(X)).all()
    assert one.counts_ == other.counts_


@pytest.mark.parametrize("loss", ["cross-entropy", "squared"])
def test_probabilities(loss):
    fitted = model(neurons=Neurons(function="tanh", loss=loss)).fit(X, Y)
    p = fitted.predict_proba(TEST[0])
    assert p.shape == (600, 10)
    assert (p >= 0).all()
    assert p.sum(axis=1) == pytest.approx(np.ones(600))
    assert (fitted.classes_[p.argmax(axis=1)] == fitted.predict(TEST[0])).all()


def test_outputs_that_are_all_zero_are_equally_likely():
    fitted = model(neurons=Neurons(loss="squared"), learning_rate=0.0).fit(X, Y)
    for layer in fitted.network_.layers:
        layer.values[:] = -1.0
    assert fitted.predict_proba(X) == pytest.approx(np.full((600, 10), 0.1))


@pytest.mark.parametrize("order", ["C", "F"])
def test_memory_order_and_type_do_not_matter(order):
    fitted = model().fit(X, Y)
    other = model().fit(np.asarray(X.astype(np.int32), order=order), Y)
    identical(fitted, other)
    np.testing.assert_array_equal(fitted.predict_proba(X), other.predict_proba(np.asarray(X, np.float32, order=order)))


@pytest.mark.parametrize("loss", ["cross-entropy", "squared"])
def test_a_prediction_does_not_depend_on_the_batch(loss):
    fitted = model(neurons=Neurons(function="tanh", loss=loss)).fit(X, Y)
    together = fitted.predict_proba(TEST[0])
    apart = np.concatenate([fitted.predict_proba(TEST[0][i : i + 1]) for i in range(100)])
    np.testing.assert_array_equal(apart, together[:100])


def test_the_scale_is_that_of_the_first_data():
    fitted = model().partial_fit(X, Y)
    assert fitted.scale_ == 1 / 16
    fitted.partial_fit(10 * X, Y)
    assert fitted.scale_ == 1 / 16
    assert model(scale=0.25).fit(X, Y).scale_ == 0.25
    identical(model().fit(X, Y), model(scale=1 / 16).fit(X, Y))
    assert model().fit(0 * X, Y).scale_ == 1.0


def test_rates_decay():
    one = model(epochs=3, learning_rate=0.2, decay=0.5)
    assert [one._rate(epoch) for epoch in range(3)] == [0.2, 0.1, 0.05]
    frozen = model(learning_rate=0.0).fit(X, Y)
    identical(frozen, model(learning_rate=0.0, epochs=2).fit(X, Y))
    assert frozen.network_.shown == 1200


def test_clone_and_search_and_pipeline():
    pipeline = make_pipeline(MinMaxScaler(), model(epochs=3))
    search = GridSearchCV(pipeline, {"crossbarclassifier__hidden": [(1,), (16,)]}, cv=2).fit(X, Y)
    assert search.best_params_ == {"crossbarclassifier__hidden": (16,)}
    assert clone(model(**IN_MEMORY)).get_params()["encoding"] == IN_MEMORY["encoding"]


def test_strings_are_labels():
    names = np.array(list("abcdefghij"))[Y]
    fitted = model().fit(X, names)
    assert fitted.classes_.tolist() == sorted(set(names))
    assert fitted.score(X, names) == model().fit(X, Y).score(X, Y)


def test_labels_may_come_in_parts_if_they_are_announced():
    first = Y < 5
    fitted = model().partial_fit(X[first], Y[first], classes=np.arange(10)).partial_fit(X[~first], Y[~first])
    assert fitted.classes_.tolist() == list(range(10))
    assert (fitted.predict(X) >= 5).any()
    refused = model().partial_fit(X[first], Y[first])
    before = refused.network_.arrays()
    with pytest.raises(InputError, match=r"label\(s\) \[5, 6, 7, 8, 9\] are not among the classes"):
        refused.partial_fit(X, Y)
    assert all((value == before[name]).all() for name, value in refused.network_.arrays().items())


def test_nothing_is_read_before_it_is_learned():
    for read in (lambda one: one.predict(X), lambda one: one.predict_proba(X), lambda one: one.counts_):
        with pytest.raises(NotFittedError):
            read(model())


def test_the_default_in_memory_is_blind_pulses_with_transfers():
    fitted = model(encoding=capacitors(2), epochs=1).fit(X[:50], Y[:50])
    assert fitted.network_.layers[0].scheme == BlindPulses(transfer=Transfer())
    assert fitted.counts_.pulses > 0


NAN = np.where(np.arange(64) == 9, np.nan, X)


@pytest.mark.parametrize(
    ("parameters", "data", "labels", "error", "message"),
    [
        ({"hidden": 16}, X, Y, InputError, "hidden: got 16; allowed is a tuple of whole numbers"),
        ({"hidden": "16"}, X, Y, InputError, "hidden: got '16'"),
        ({"hidden": (16, 0)}, X, Y, InputError, "hidden: got 0"),
        ({"hidden": (2.5,)}, X, Y, InputError, "hidden: got 2.5"),
        ({"epochs": 0}, X, Y, InputError, "epochs: got 0"),
        ({"learning_rate": -0.1}, X, Y, InputError, "learning_rate: got -0.1"),
        ({"decay": 1.1}, X, Y, InputError, "decay: got 1.1"),
        ({"scale": 0.0}, X, Y, InputError, "scale: got 0.0"),
        ({"random_state": -1}, X, Y, InputError, "random_state: got -1"),
        ({"encoding": CAPACITOR}, X, Y, InputError, "encoding: got an object of ConstantStep; allowed is"),
        ({"encoding": CAPACITOR, "device": CAPACITOR}, X, Y, InputError, "encoding: got "),
        ({"device": "pcm"}, X, Y, InputError, "device: unknown name 'pcm'"),
        ({"scheme": "backprop"}, X, Y, InputError, "scheme: got 'backprop'"),
        ({"feedback": "random"}, X, Y, InputError, "feedback: got 'random'"),
        ({"chip": 0.1}, X, Y, InputError, "chip: got 0.1"),
        ({"neurons": "relu"}, X, Y, InputError, "neurons: got 'relu'"),
        ({}, X, np.zeros(600), InputError, "y: holds one class only"),
        ({}, X, Y + 0.5, ValueError, "Unknown label type"),
        ({}, X, Y[:10], ValueError, "inconsistent"),
        ({}, NAN, Y, ValueError, "NaN"),
        ({}, X[:0], Y[:0], ValueError, "0 sample"),
        ({}, X[0], Y[:1], ValueError, "1D array"),
    ],
)
@pytest.mark.parametrize("way", ["fit", "partial_fit"])
def test_refuses_in_words(parameters, data, labels, error, message, way):
    with pytest.raises(error, match=message):
        getattr(model(**parameters), way)(data, labels)


def test_features_that_single_precision_all_but_loses_are_refused():
    """One over them is no number."""
    with pytest.raises(InputError, match=r"X: the largest value is 1e-40; allowed is 0 or at least 1e-30"):
        CrossbarClassifier((4,)).fit(1e-40 * np.eye(4), np.arange(4) % 2)
