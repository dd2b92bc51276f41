"""Fetching MNIST and other data from public mirrors, hash-checked, without waiting long for a network that is not there."""

from __future__ import annotations

import queue
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic

from insitu.errors import DataError

#: public copies of the four original files, tried in the order in which they answer
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)

#: SHA-256 of the four original gzip files
SHA256 = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}

PATIENCE = 3.0  #: seconds that all mirrors together have to answer the first, small question
_STALL = 15.0  #: seconds without a byte after which a download is given up


def reachable(
    mirrors: Sequence[str] = MIRRORS, patience: float = PATIENCE, file: str = "t10k-labels-idx1-ubyte.gz"
) -> list[str]:
    """Return the mirrors that have a file, the first one to answer first; empty after ``patience`` seconds at most.

    All are asked at once, each from a daemon thread: a name server that hangs cannot be interrupted, only left behind.
    """
    answers: queue.Queue[str | None] = queue.Queue()

    def ask(mirror: str) -> None:
        import requests

        try:
            answer = requests.head(mirror + file, timeout=patience, allow_redirects=True)
            answers.put(mirror if answer.ok else None)
        except (requests.RequestException, OSError, ValueError):
            answers.put(None)

    for mirror in mirrors:
        threading.Thread(target=ask, args=(mirror,), daemon=True).start()
    end = monotonic() + patience
    with suppress(queue.Empty):
        for _ in mirrors:
            if first := answers.get(timeout=max(0.0, end - monotonic())):
                return [first, *(mirror for mirror in mirrors if mirror != first)]
    return []


def intact(path: Path, known: str) -> bool:
    """Return whether a file is there and has its hash, such as ``md5:...``."""
    import pooch

    kind, _, digest = known.partition(":")
    return path.is_file() and pooch.file_hash(str(path), alg=kind) == digest


def download(folder: Path, mirrors: Sequence[str] = MIRRORS, hashes: Mapping[str, str] | None = None) -> None:
    """Put files into ``folder``, each from the first mirror that gives the right one.

    Each file is written beside its place and moved there only when its hash is right; files that are there and right
    are not fetched again.

    Parameters
    ----------
    hashes : file -> hash, such as ``md5:...``; None is the four of MNIST.

    Raises
    ------
    DataError : no mirror answered, or none gave the right file.
    """
    import pooch
    import requests

    hashes = {file: f"sha256:{digest}" for file, digest in SHA256.items()} if hashes is None else hashes
    answering = reachable(mirrors, PATIENCE, list(hashes)[-1])
    if not answering:
        raise DataError("no mirror could be reached over the network")
    pooch.get_logger().setLevel("WARNING")
    downloader = pooch.HTTPDownloader(timeout=(PATIENCE, _STALL))
    for file, digest in hashes.items():
        reasons = []
        for mirror in answering:
            try:
                pooch.retrieve(mirror + file, digest, fname=file, path=folder, downloader=downloader)
            except (requests.RequestException, OSError, ValueError) as error:
                reasons.append(_reason(error, mirror))
            else:
                break
        else:
            raise DataError(f"the download of {file} failed ({'; '.join(reasons)})")


def _reason(error: Exception, mirror: str) -> str:
    import requests

    host = mirror.split("/")[2]
    if isinstance(error, requests.RequestException):
        return f"{host} broke off"
    if isinstance(error, OSError):
        return f"the file cannot be written: {error.strerror}"
    return f"{host} sent a file with a wrong hash"
