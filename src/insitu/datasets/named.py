"""Data sets that are known by name: fetched once, hash-checked, and kept in the cache."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from insitu.datasets import mirrors
from insitu.datasets.building import arranged
from insitu.datasets.dataset import Dataset
from insitu.datasets.digits import load_digits
from insitu.datasets.finding import cache_folder, load_mnist, read_folder
from insitu.datasets.idx import read_idx
from insitu.errors import DataError
from insitu.memory import require_room

_NOISE_SEED = 2007  #: of the backgrounds, the same for ever


@dataclass(frozen=True)
class Remote:
    """What is fetched: from which addresses, which files with their hashes, and what their classes are called."""

    title: str
    addresses: Sequence[str]
    hashes: Mapping[str, str]
    names: Sequence[str]


_FILE = Path(__file__).with_suffix(".toml")
REMOTE = {name: Remote(**one) for name, one in tomllib.loads(_FILE.read_text(encoding="utf-8")).items()}


def fetched(name: str) -> Path:
    """Return the folder with the intact files of a data set, from the cache or a download; DataError if neither has them."""
    remote, folder = REMOTE[name], cache_folder().parent / name
    if not all(mirrors.intact(folder / file, digest) for file, digest in remote.hashes.items()):
        try:
            mirrors.download(folder, remote.addresses, remote.hashes)
        except DataError as error:
            by_hand = " and ".join(remote.addresses[0] + file for file in remote.hashes)
            raise DataError(f"{name}: not in the cache, and {error}; put {by_hand} into {folder}") from error
    return folder


def _idx(name: str) -> Dataset:
    found = read_folder(fetched(name))
    note = _note(name, found.train_images, found.test_images)
    return replace(found, name=name, names=tuple(REMOTE[name].names), note=note)


def load_cifar10() -> Dataset:
    """Return CIFAR-10: 32 x 32 pixels in colour, 50,000 to train on and 10,000 to test."""
    files = ([f"data_batch_{n}.bin" for n in range(1, 6)], ["test_batch.bin"])
    return _cifar("cifar10", "cifar-10-batches-bin", files, labels=1)


def load_cifar100() -> Dataset:
    """Return CIFAR-100 by its hundred fine classes: 32 x 32 pixels in colour, 50,000 to train on and 10,000 to test."""
    return _cifar("cifar100", "cifar-100-binary", (["train.bin"], ["test.bin"]), labels=2, names="fine_label_names.txt")


def _cifar(name: str, inside: str, files: Sequence[Sequence[str]], *, labels: int, names: str = "") -> Dataset:
    """Return the images in an archive whose rows hold so many ``labels``, of which the last counts, and three planes."""
    size = labels + 3072
    require_room(name, 60_000 * size, "free some memory")
    remote = REMOTE[name]
    (archive,) = remote.hashes
    parts: list[NDArray[np.uint8]] = []
    called = tuple(remote.names)
    with tarfile.open(fetched(name) / archive) as packed:
        for some in files:
            members = [packed.extractfile(f"{inside}/{file}") for file in some]
            rows = np.frombuffer(bytearray(b"".join(one.read() for one in members if one)), np.uint8).reshape(-1, size)
            parts += [from_planes(rows[:, labels:]), rows[:, labels - 1].copy()]
        if names and (listed := packed.extractfile(f"{inside}/{names}")):
            called = tuple(listed.read().decode().split())
    train, of_train, test, of_test = parts
    return Dataset.of(name, (train, of_train, test, of_test), (32, 3, 32), _note(name, train, test), called)


def load_emnist_letters() -> Dataset:
    """Return the letters of EMNIST, of which capitals and small ones are one class: 28 x 28 pixels, 124,800 to train on and
    20,800 to test (G. Cohen et al., arXiv 1702.05373)."""
    require_room("emnist-letters", 4 * 145_600 * 784, "free some memory")
    parts: list[NDArray[np.uint8]] = []
    with (
        zipfile.ZipFile(fetched("emnist-letters") / "gzip.zip") as packed,
        tempfile.TemporaryDirectory(prefix="insitu-") as room,
    ):
        for part in ("train", "test"):
            for kind, dimensions in (("images-idx3", 3), ("labels-idx1", 1)):
                path = Path(room) / f"{part}-{kind}.gz"
                with packed.open(f"gzip/emnist-letters-{part}-{kind}-ubyte.gz") as one, path.open("wb") as file:
                    shutil.copyfileobj(one, file)
                found = read_idx(path, dimensions)
                # its images lie on their side, and its labels begin at 1
                upright = found.swapaxes(1, 2).reshape(len(found), -1) if dimensions == 3 else found - np.uint8(1)
                parts.append(np.ascontiguousarray(upright))
    train, of_train, test, of_test = parts
    note, names = _note("emnist-letters", train, test), tuple(REMOTE["emnist-letters"].names)
    return Dataset.of("emnist-letters", (train, of_train, test, of_test), (28, 28), note, names)


def from_planes(rows: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return images (n, 3072) of 32 x 32 pixels, their three planes one after the other, as a data set has them."""
    return arranged(np.moveaxis(rows.reshape(-1, 3, 32, 32), 1, 3))[0]


def load_backrand() -> Dataset:
    """Return MNIST on random backgrounds: each pixel is the brighter one of the digit and of a uniform random number.

    After the mnist-back-rand of H. Larochelle et al., ICML 2007, whose own 62,000 images are others; all of MNIST is here,
    and the rule that joins digit and background is ours.
    """
    mnist = named_mnist()
    noise = np.random.Philox(key=_NOISE_SEED)
    train, test = (on_random_background(images, noise) for images in (mnist.train_images, mnist.test_images))
    note = f"{mnist.note[:-1]}, on random backgrounds (MNIST-backrand, made here)."
    return Dataset.of("mnist-backrand", (train, mnist.train_labels, test, mnist.test_labels), mnist.shape, note)


def on_random_background(images: NDArray[np.uint8], noise: np.random.Philox) -> NDArray[np.uint8]:
    """Return images (n, pixels) on uniform random pixels, the brighter one of both."""
    raw = noise.random_raw(-(-images.size // 8)).astype("<u8").view(np.uint8)
    return np.maximum(images, raw[: images.size].reshape(images.shape))


def named_mnist() -> Dataset:
    """Return MNIST itself, from where :func:`insitu.datasets.load_mnist` looks; DataError if other images are there."""
    found = load_mnist()
    if found.name != "mnist":
        raise DataError(
            f"mnist: the folder in INSITU_DATA holds other images; unset it, or give the folder ({found.note})"
        )
    return found


def _note(name: str, train: NDArray[np.uint8], test: NDArray[np.uint8]) -> str:
    return f"Data: {REMOTE[name].title} ({len(train):,} training and {len(test):,} test images, bytes as they are)."


#: name -> what returns the data set
NAMES: dict[str, Callable[[], Dataset]] = {
    "mnist": named_mnist,
    "mnist-backrand": load_backrand,
    "fashion-mnist": lambda: _idx("fashion-mnist"),
    "kmnist": lambda: _idx("kmnist"),
    "cifar10": load_cifar10,
    "cifar100": load_cifar100,
    "emnist-letters": load_emnist_letters,
    "digits": load_digits,
}
