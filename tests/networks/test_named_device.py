"""A device of the library is given to an estimator by its name; a file is not executed unasked."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone

from insitu import (
    AssociativeMemory,
    CrossbarClassifier,
    CrossbarRegressor,
    EnergyClassifier,
    EnergyRegressor,
    SpikingClassifier,
    load,
)
from insitu.errors import InputError
from insitu.networks.convolutional_spiking import ConvolutionalSpikingClassifier
from insitu.networks.layers import Conv

RNG = np.random.default_rng(0)
X = RNG.integers(0, 17, (20, 64)).astype(float)
Y = np.arange(20) % 2
PATTERNS = RNG.choice([-1.0, 1.0], (3, 12))
NAME = "yi2022-taox"
MAKERS = {
    "spiking": lambda device: SpikingClassifier(4, epochs=1, device=device, random_state=0),
    "patches": lambda device: ConvolutionalSpikingClassifier(
        4, 4, image_shape=(8, 8), regions=2, device=device, random_state=0
    ),
    "crossbar": lambda device: CrossbarClassifier((4,), epochs=1, device=device, random_state=0),
    "regressor": lambda device: CrossbarRegressor((4,), epochs=1, device=device, random_state=0),
    "energy": lambda device: EnergyClassifier((4,), epochs=1, device=device, random_state=0),
    "energy regressor": lambda device: EnergyRegressor((4,), epochs=1, device=device, random_state=0),
    "layer": lambda device: CrossbarClassifier(
        (Conv(2, 3, device=device),), image_shape=(8, 8), epochs=1, random_state=0
    ),
    "memory": lambda device: AssociativeMemory(updates=2, batch=3, device=device, random_state=0),
}


def fitted(kind, device):
    model = MAKERS[kind](device)
    return model.fit(PATTERNS) if kind == "memory" else model.fit(X, Y)


def place(kind):
    """How a sentence about the device begins: of a layer with the place of that layer."""
    return r"array 1, Conv\(2, 3\): " if kind == "layer" else ""


def arrays_of(model):
    return [array for layer in model.network_.layers for array in layer.arrays_of_cells]


@pytest.mark.parametrize("kind", MAKERS)
def test_a_name_is_the_device_of_the_library(kind):
    by_name, by_device = fitted(kind, NAME), fitted(kind, load(NAME))
    assert arrays_of(by_name)[0].device == load(NAME)
    assert by_name.counts_ == by_device.counts_
    x = PATTERNS if kind == "memory" else X
    assert (by_name.predict(x) == by_device.predict(x)).all()


@pytest.mark.parametrize("kind", MAKERS)
def test_what_was_given_stays_as_scikit_learn_wants(kind):
    model = fitted(kind, NAME)
    if kind != "layer":
        assert model.get_params()["device"] == NAME
        assert clone(model).device == NAME
    x = PATTERNS if kind == "memory" else X
    assert (pickle.loads(pickle.dumps(model)).predict(x) == model.predict(x)).all()


@pytest.mark.parametrize("kind", MAKERS)
def test_an_unknown_name_is_answered_by_the_nearest(kind):
    with pytest.raises(
        InputError, match=rf"^{place(kind)}device: unknown name 'yi2022-tao'; did you mean 'yi2022-taox'"
    ):
        fitted(kind, "yi2022-tao")


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("file", ["mine.py", "./mine", "mine.toml", Path("mine.py")])
def test_a_file_is_not_executed_but_pointed_to_load(kind, file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text("raise RuntimeError('executed')\n")
    with pytest.raises(InputError, match=rf"^{place(kind)}device: got .*insitu\.load\("):
        fitted(kind, file)
