import hashlib
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pytest
from idx_files import NAMES, idx, small_parts, write_folder

from insitu.datasets import find, finding, load_mnist, mirrors
from insitu.errors import DataError

MNIST = Path(__file__).parents[2] / "../shared/data/mnist"
needs_mnist = pytest.mark.skipif(not MNIST.is_dir(), reason="MNIST is not beside the repository")


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path):
    """No variable, an empty cache, and no network."""
    monkeypatch.delenv("INSITU_DATA", raising=False)
    monkeypatch.setenv("INSITU_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(mirrors, "reachable", lambda *_: [])


@pytest.mark.parametrize("packed", [True, False])
def test_other_images_in_the_format_are_taken_as_idx(tmp_path, packed):
    parts = small_parts()
    dataset = find(write_folder(tmp_path / "mine", parts, packed=packed))
    assert dataset.name == "idx"
    assert "not MNIST itself (30 training and 12 test images of 4 x 4 pixels)" in dataset.note
    np.testing.assert_array_equal(dataset.train_images, parts[0].reshape(30, 16))
    np.testing.assert_array_equal(dataset.test_labels, parts[3])


@needs_mnist
def test_mnist_is_recognised_by_its_content():
    dataset = find(MNIST)
    assert dataset.name == "mnist"
    assert dataset.sha256 == finding.MNIST_SHA256
    assert dataset.shape == (28, 28)
    for images, md5 in (
        (dataset.train_images, "6bbc9ace898e44ae57da46a324031adb"),
        (dataset.test_images, "2646ac647ad5339dbf082846283269ea"),
    ):
        assert hashlib.md5(idx(images.reshape(-1, 28, 28))).hexdigest() == md5


def test_a_given_folder_never_falls_back(tmp_path):
    with pytest.raises(DataError, match="no such folder; a data folder holds train-images-idx3-ubyte"):
        find(tmp_path / "nothing")
    folder = write_folder(tmp_path / "part")
    (folder / f"{NAMES[3]}.gz").unlink()
    with pytest.raises(DataError, match=f"{NAMES[3]} not found"):
        find(folder)


def test_the_variable_is_obeyed_and_never_falls_back(tmp_path, monkeypatch):
    monkeypatch.setenv("INSITU_DATA", str(write_folder(tmp_path / "mine")))
    assert find().name == "idx"
    monkeypatch.setenv("INSITU_DATA", str(tmp_path / "nothing"))
    with pytest.raises(DataError, match="no such folder"):
        find()


def test_the_option_goes_before_the_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("INSITU_DATA", str(tmp_path / "nothing"))
    assert find(write_folder(tmp_path / "mine")).name == "idx"


@pytest.mark.parametrize(
    ("position", "part", "words"),
    [
        (1, np.zeros(29), "30 training images but 29 labels"),
        (3, np.zeros(13), "12 test images but 13 labels"),
        (2, np.zeros((12, 4, 5)), r"training images are \(4, 4\) pixels, test images \(4, 5\)"),
        (1, np.full(30, 11), "label 11"),
        (0, np.zeros(30), "IDX images begin with"),
    ],
)
def test_files_at_odds_are_refused(tmp_path, position, part, words):
    parts = small_parts()
    parts[position] = part
    with pytest.raises(DataError, match=words):
        find(write_folder(tmp_path / "mine", parts))


def test_without_network_the_digits_serve_and_say_why():
    dataset = find()
    assert dataset.name == "digits"
    assert "MNIST was not found, because no folder was given" in dataset.note
    assert "no mirror could be reached over the network" in dataset.note
    with pytest.raises(DataError, match="MNIST was not found, because"):
        load_mnist()


def test_load_mnist_without_download_does_not_ask_the_network(monkeypatch):
    monkeypatch.setattr(mirrors, "download", lambda *_: pytest.fail("asked the network"))
    with pytest.raises(DataError, match="and downloading is off"):
        load_mnist(download=False)


def test_a_hanging_name_server_costs_less_than_five_seconds(monkeypatch):
    import requests

    monkeypatch.undo()
    monkeypatch.setenv("INSITU_CACHE", "/nonexistent/cache")
    monkeypatch.delenv("INSITU_DATA", raising=False)

    def hang(*_, **__):
        sleep(30)
        raise requests.ConnectionError

    monkeypatch.setattr(requests, "head", hang)
    before = monotonic()
    assert find().name == "digits"
    assert monotonic() - before < 5


def test_a_cache_with_other_images_is_not_mnist(tmp_path):
    write_folder(tmp_path / "cache" / "mnist")
    dataset = find()
    assert dataset.name == "digits"
    assert "holds other images" in dataset.note


@needs_mnist
def test_the_cache_serves_mnist(tmp_path):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "mnist").symlink_to(MNIST.resolve(), target_is_directory=True)
    assert find().name == "mnist"
    assert load_mnist(download=False).name == "mnist"
