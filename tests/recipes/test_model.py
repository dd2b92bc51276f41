"""A finished run names new images with what it has learned."""

import numpy as np
import pytest
from undrawn import undrawn

import insitu
from insitu.datasets import braille, load_digits
from insitu.errors import InputError, RunError

DIGITS = load_digits()
SMALL = {
    "shi2018": {"network.neurons": 20, "training.presentations": 1437, "training.epochs": 1},
    "cristiano2018": {"network.hidden": [10], "training.epochs": 1, "training.twin": False, "transfer.every": 700},
    "yi2022": {"data.task": "mnist", "images.hidden": [30], "images.epochs": 5},
}


@pytest.fixture(
    scope="module", params=[pytest.param(name, marks=[pytest.mark.slow] * (name == "shi2018")) for name in SMALL]
)
def run(request, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("insitu.datasets.find", lambda *_: DIGITS)
        undrawn(patch)
        found = insitu.run(request.param, set=SMALL[request.param], out=tmp_path_factory.mktemp("runs"), quiet=True)
    return insitu.open_run(found)


def test_it_names_the_test_images_as_the_run_did(run):
    answers = run.model.predict(DIGITS.test_images)
    assert (answers == DIGITS.test_labels).mean() == run.accuracy > 0.5
    few = DIGITS.test_images[3:5].reshape(2, *DIGITS.shape)  # alone, as pictures, as floating point
    assert run.model.predict(few.astype(float)).tolist() == answers[3:5].tolist()
    assert len(run.model.predict(DIGITS.test_images[:0])) == 0


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (DIGITS.test_images[:, 1:], r"X: got uint8 of shape \(360, 575\).*576 pixels"),
        (DIGITS.test_images[0], r"X: got uint8 of shape \(576,\)"),
        ([["seven"]], "X: got <U5"),
        (np.full((1, 576), np.nan), "X: holds pixels below 0, above 255 or not finite"),
        (np.full((1, 576), 256), "X: holds pixels below 0, above 255"),
    ],
)
def test_what_is_no_image_of_the_run_is_refused(run, images, words):
    with pytest.raises(InputError, match=words):
        run.model.predict(images)


def test_a_run_without_its_checkpoint_says_so(run):
    path = run.folder.path / "checkpoint.bin"
    kept = path.read_bytes()
    path.unlink()
    with pytest.raises(RunError, match=r"no checkpoint\.bin, which holds what the network has learned"):
        _ = insitu.open_run(run.folder.path).model
    path.write_bytes(kept)


@pytest.mark.slow
def test_two_layers_name_distorted_words(tmp_path):
    quick = {"two_layer.updates": 150, "one_layer.updates": 20, "data.examples": 50}
    run = insitu.open_run(insitu.run("yi2022", set=quick, out=tmp_path, quiet=True))
    words = run.settings["data"]["words"]
    patterns = braille.encode(words)
    assert run.model.predict(patterns).tolist() == list(words)
    with pytest.raises(InputError, match=r"X: got float32 of shape \(9, 59\); allowed are patterns \(n, 60\)"):
        run.model.predict(patterns[:, 1:])
    with pytest.raises(InputError, match=r"allowed are patterns \(n, 60\) of \+1"):
        run.model.predict(0.5 * patterns)
