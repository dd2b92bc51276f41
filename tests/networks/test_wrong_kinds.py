"""An object of the wrong kind is one sentence that names the field, in every estimator and before anything is learned."""

from datetime import datetime

import numpy as np
import pytest
from small_networks import DEVICE

from insitu import (
    ActivityDifference,
    AssociativeMemory,
    BinaryRule,
    Chip,
    CrossbarClassifier,
    EnergyClassifier,
    FeedbackAlignment,
    SingleDevice,
    SoftPruning,
    SpikingClassifier,
    SpikingRule,
    Stdp,
    WriteVerify,
)
from insitu.errors import InputError

RNG = np.random.default_rng(0)
X = RNG.integers(0, 17, (20, 12)).astype(float)
Y = np.arange(20) % 2
PATTERNS = RNG.choice([-1.0, 1.0], (3, 12))
DATES = np.full(X.shape, datetime(2018, 12, 14), dtype=object)
MIXED = np.array([1, "one"] * 10, dtype=object)
CLASSIFIERS = {"spiking": SpikingClassifier, "crossbar": CrossbarClassifier, "energy": EnergyClassifier}
ESTIMATORS = CLASSIFIERS | {"memory": AssociativeMemory}

#: estimator, option, what is given
OPTIONS = [
    *((name, "device", value) for name in ESTIMATORS for value in ("mine.py", 1e-6)),
    *((name, "encoding", value) for name in ESTIMATORS for value in ("pair", SingleDevice)),
    *((name, "scheme", value) for name in ESTIMATORS for value in ("write-verify", WriteVerify)),
    *((name, "chip", value) for name in ESTIMATORS for value in (1e-6, Chip)),
    *((name, "rule", 3) for name in ("spiking", "energy", "memory")),
    ("spiking", "rule", SpikingRule),
    ("spiking", "rule", Stdp()),
    ("spiking", "neurons", "many"),
    ("spiking", "neurons", True),
    ("spiking", "epochs", 1.5),
    ("spiking", "budget", 10),
    ("spiking", "decision", "x"),
    ("spiking", "decision", 1),
    ("crossbar", "hidden", 16),
    ("crossbar", "hidden", "wide"),
    ("crossbar", "feedback", "random"),
    ("crossbar", "feedback", FeedbackAlignment),
    ("crossbar", "pruning", 0.5),
    ("crossbar", "pruning", SoftPruning),
    ("crossbar", "neurons", 16),
    ("crossbar", "epochs", "ten"),
    ("crossbar", "learning_rate", "fast"),
    ("crossbar", "learning_rate", True),
    ("crossbar", "decay", None),
    ("crossbar", "scale", "unit"),
    ("energy", "hidden", 16),
    ("energy", "hidden", ("16",)),
    ("energy", "rule", ActivityDifference()),
    ("energy", "pruning", 0.5),
    ("energy", "pruning", SoftPruning),
    ("energy", "epochs", True),
    ("energy", "batch", "all"),
    ("energy", "test_steps", 1.5),
    ("memory", "rule", BinaryRule),
    ("memory", "rate", "fast"),
    ("memory", "noise", ("low", "high")),
    ("memory", "updates", "many"),
    ("memory", "batch", None),
    ("spiking", "min_active", "few"),
    ("spiking", "threshold", None),
    ("spiking", "full_intensity", "bright"),
    ("crossbar", "hidden", (16.5,)),
    ("memory", "initial", "zeros"),
    ("memory", "noise", 0.1),
    *((name, "random_state", value) for name in ESTIMATORS for value in (True, "seed", 1.5)),
]
#: estimator, where the sentence must point to, what it is about, X, y
DATA = [
    *((name, "y", "one class", X, np.zeros(20, int)) for name in CLASSIFIERS),
    *((name, "y", "mixed types", X, MIXED) for name in CLASSIFIERS),
    *((name, "X", "dates", DATES, Y) for name in CLASSIFIERS),
    *((name, "X", "dates of NumPy", DATES.astype("datetime64[s]"), Y) for name in CLASSIFIERS),
    ("memory", "X", "dates", np.full(PATTERNS.shape, datetime(2018, 12, 14), dtype=object), None),
]


def cases(rows):
    for row in rows:
        yield pytest.param(*row, id="-".join(" ".join(str(part).split())[:40] for part in row[:3]))


def sentence_of(name, options, x, y):
    """Return the sentence with which ``fit`` refuses."""
    model = ESTIMATORS[name](**options)
    with pytest.raises(InputError) as told:
        model.fit(x) if y is None else model.fit(x, y)
    assert not hasattr(model, "network_"), "refused only after the network was made"
    return str(told.value)


@pytest.mark.parametrize(("name", "field", "value"), list(cases(OPTIONS)))
def test_an_option_of_the_wrong_kind_is_a_sentence_about_it(name, field, value):
    x, y = (PATTERNS, None) if name == "memory" else (X, Y)
    device = {"device": DEVICE} if field == "encoding" else {}
    told = sentence_of(name, device | {field: value}, x, y)
    assert told.startswith(f"{field}: ")
    assert "got " in told
    assert "allowed" in told
    assert "\n" not in told


@pytest.mark.parametrize(("name", "field", "about", "x", "y"), list(cases(DATA)))
def test_data_of_the_wrong_kind_is_a_sentence_about_it(name, field, about, x, y):
    told = sentence_of(name, {}, x, y)
    assert told.startswith(f"{field}: "), about
    assert "\n" not in told


@pytest.mark.parametrize("name", ESTIMATORS)
def test_what_is_right_is_learned(name):
    """So that no case above is refused for another reason."""
    if name == "memory":
        assert AssociativeMemory(updates=2, batch=3, random_state=0).fit(PATTERNS).network_ is not None
    else:
        assert CLASSIFIERS[name](epochs=1, random_state=0).fit(X, Y).network_ is not None


def test_numbers_of_numpy_are_numbers():
    """The same bits come of them."""
    pairs = [
        (SpikingClassifier, {"neurons": 5, "epochs": 1, "min_active": 0.25, "random_state": 3}),
        (CrossbarClassifier, {"hidden": (7,), "epochs": 2, "learning_rate": 0.125, "random_state": 3}),
        (EnergyClassifier, {"hidden": (7,), "epochs": 1, "batch": 4, "test_steps": 10, "random_state": 3}),
    ]
    for kind, plain in pairs:
        numpy = {key: np.float32(v) if isinstance(v, float) else v for key, v in plain.items()}
        numpy = {key: np.int64(v) if isinstance(v, int) else v for key, v in numpy.items()}
        numpy |= {key: tuple(map(np.int64, v)) for key, v in plain.items() if isinstance(v, tuple)}
        first, second = kind(**plain).fit(X, Y), kind(**numpy).fit(X, Y)
        assert (first.predict(X) == second.predict(X)).all()
        assert first.counts_ == second.counts_
