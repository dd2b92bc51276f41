"""Data sets known by name: made, or fetched and checked."""

import gzip
import hashlib
import io
import struct
import tarfile
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from idx_files import small_parts, write_folder

from insitu.datasets import load, mirrors, named
from insitu.errors import DataError


@pytest.fixture
def cache(monkeypatch, tmp_path):
    """A cache of its own, and no network."""
    monkeypatch.delenv("INSITU_DATA", raising=False)
    monkeypatch.setenv("INSITU_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(mirrors, "reachable", lambda *_: [])
    return tmp_path / "cache"


def _known(monkeypatch, name, folder):
    """Let what lies in a folder be the files of this name."""
    hashes = {path.name: f"md5:{hashlib.md5(path.read_bytes()).hexdigest()}" for path in sorted(folder.iterdir())}
    monkeypatch.setitem(named.REMOTE, name, replace(named.REMOTE[name], hashes=hashes))


def test_what_lies_in_the_cache_is_used_while_its_hash_is_right(cache, monkeypatch):
    folder = write_folder(cache / "kmnist", small_parts())
    _known(monkeypatch, "kmnist", folder)
    dataset = load("kmnist")
    assert (dataset.name, dataset.names[:2], dataset.shape) == ("kmnist", ("o", "ki"), (4, 4))
    assert dataset.note.startswith("Data: Kuzushiji-MNIST (30 training and 12 test images")
    path = folder / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(DataError, match=r"kmnist: not in the cache, and no mirror could be reached.*put https://codh"):
        load("kmnist")


def _pack(path, files):
    """Write an archive of these files: name -> bytes."""
    path.parent.mkdir(parents=True)
    with tarfile.open(path, "w:gz") as packed:
        for name, part in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(part)
            packed.addfile(member, io.BytesIO(part))


def test_cifar_s_planes_stand_side_by_side(cache, monkeypatch):
    rows = np.random.default_rng(0).integers(0, 256, (12, 3073), dtype=np.uint8)
    rows[:, 0] = np.arange(12) % 10
    names = [*(f"data_batch_{k}.bin" for k in range(1, 6)), "test_batch.bin"]
    parts = {f"cifar-10-batches-bin/{name}": rows[2 * n : 2 * n + 2].tobytes() for n, name in enumerate(names)}
    _pack(cache / "cifar10" / "cifar-10-binary.tar.gz", parts)
    _known(monkeypatch, "cifar10", cache / "cifar10")
    dataset = load("cifar10")
    assert (len(dataset.train_images), len(dataset.test_images), dataset.names[3]) == (10, 2, "cat")
    green = dataset.train_images.reshape(10, 32, 3, 32)[:, :, 1]
    np.testing.assert_array_equal(green, rows[:10, 1 + 1024 : 1 + 2048].reshape(10, 32, 32))


def test_of_the_two_labels_of_cifar100_the_fine_one_counts_and_has_its_name(cache, monkeypatch):
    rows = np.random.default_rng(0).integers(0, 256, (6, 3074), dtype=np.uint8)
    rows[:, 1] = [3, 99, 0, 1, 2, 3]
    text = "".join(f"thing_{n}\n" for n in range(100)) + "\n"
    parts = {"train.bin": rows[:4].tobytes(), "test.bin": rows[4:].tobytes(), "fine_label_names.txt": text.encode()}
    _pack(
        cache / "cifar100" / "cifar-100-binary.tar.gz",
        {f"cifar-100-binary/{name}": part for name, part in parts.items()},
    )
    _known(monkeypatch, "cifar100", cache / "cifar100")
    dataset = load("cifar100")
    assert dataset.train_labels.tolist() == [3, 99, 0, 1]
    assert (dataset.classes, dataset.names[99], dataset.shape) == (100, "thing_99", (32, 3, 32))
    red = dataset.test_images.reshape(2, 32, 3, 32)[:, :, 0]
    np.testing.assert_array_equal(red, rows[4:, 2 : 2 + 1024].reshape(2, 32, 32))


def test_letters_of_emnist_stand_upright_and_begin_at_a(cache, monkeypatch):
    images = np.arange(3 * 28 * 28, dtype=np.uint8).reshape(3, 28, 28)
    (cache / "emnist-letters").mkdir(parents=True)
    with zipfile.ZipFile(cache / "emnist-letters" / "gzip.zip", "w") as packed:
        for part in ("train", "test"):
            head = f"gzip/emnist-letters-{part}"
            shape = b"\0\0\x08\x03" + struct.pack(">3I", 3, 28, 28)
            packed.writestr(f"{head}-images-idx3-ubyte.gz", gzip.compress(shape + images.tobytes()))
            labels = b"\0\0\x08\x01" + struct.pack(">I", 3) + bytes([1, 26, 2])
            packed.writestr(f"{head}-labels-idx1-ubyte.gz", gzip.compress(labels))
    _known(monkeypatch, "emnist-letters", cache / "emnist-letters")
    dataset = load("emnist-letters")
    assert [dataset.names[label] for label in dataset.train_labels] == ["a", "z", "b"]
    np.testing.assert_array_equal(dataset.test_images.reshape(3, 28, 28), images.transpose(0, 2, 1))


def test_random_backgrounds_are_the_same_for_ever_and_never_darker():
    images = np.zeros((100, 784), np.uint8)
    images[:, 300:320] = 250
    one, same = (named.on_random_background(images, np.random.Philox(key=7)) for _ in range(2))
    np.testing.assert_array_equal(one, same)
    assert (one >= images).all()
    ground = one[:, :300].astype(float)
    assert ground.mean() == pytest.approx(127.5, abs=2)  # uniform: 74/sqrt(30,000) = 0.4
    assert len(np.unique(ground)) == 256
    assert hashlib.sha256(one[0].tobytes()).hexdigest()[:16] == "cbcdf59231d5dd10"


def test_other_images_in_the_place_of_mnist_are_not_mnist(tmp_path, monkeypatch):
    monkeypatch.setenv("INSITU_DATA", str(write_folder(tmp_path / "mine")))
    with pytest.raises(DataError, match="mnist: the folder in INSITU_DATA holds other images"):
        load("mnist")


def test_the_digits_are_the_embedded_ones():
    assert load("digits").name == "digits"
