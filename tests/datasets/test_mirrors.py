import hashlib
import http.server
import threading
from time import monotonic

import pytest

from insitu.datasets import mirrors
from insitu.errors import DataError

CONTENT = {file: f"content of {file}".encode() for file in mirrors.SHA256}


class _Mirror(http.server.BaseHTTPRequestHandler):
    damaged = False

    def do_HEAD(self):
        self.send_response(200)
        self.end_headers()

    def do_GET(self):
        body = CONTENT[self.path.rpartition("/")[2]]
        self.do_HEAD()
        self.wfile.write(body[:-1] if self.damaged else body)

    def log_message(self, *_):
        pass


class _Damaged(_Mirror):
    damaged = True


@pytest.fixture
def serve(monkeypatch):
    """Start mirrors on this machine and return their addresses."""
    monkeypatch.setattr(mirrors, "SHA256", {f: hashlib.sha256(c).hexdigest() for f, c in CONTENT.items()})
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    servers = []

    def start(handler):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def _closed_port() -> str:
    with http.server.HTTPServer(("127.0.0.1", 0), _Mirror) as server:
        return f"http://127.0.0.1:{server.server_port}/"


def test_a_mirror_that_answers_is_used(serve, tmp_path):
    good = serve(_Mirror)
    assert mirrors.reachable((_closed_port(), good))[0] == good
    mirrors.download(tmp_path, (_closed_port(), good))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == CONTENT


def test_a_wrong_file_never_reaches_its_place(serve, tmp_path):
    (tmp_path / "t10k-labels-idx1-ubyte.gz").write_bytes(b"earlier")
    with pytest.raises(DataError, match="sent a file with a wrong hash"):
        mirrors.download(tmp_path, (serve(_Damaged),))
    assert [path.name for path in tmp_path.iterdir()] == ["t10k-labels-idx1-ubyte.gz"]


def test_the_next_mirror_helps_out(serve, tmp_path, monkeypatch):
    bad, good = serve(_Damaged), serve(_Mirror)
    monkeypatch.setattr(mirrors, "reachable", lambda *_: [bad, good])
    mirrors.download(tmp_path, (bad, good))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == CONTENT


def test_no_mirror_is_one_sentence(tmp_path):
    with pytest.raises(DataError, match="no mirror could be reached"):
        mirrors.download(tmp_path, (_closed_port(),))


def test_a_mirror_that_never_answers_is_left_behind(tmp_path):
    class Silent(_Mirror):
        def do_HEAD(self):
            threading.Event().wait(5)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    before = monotonic()
    assert mirrors.reachable((f"http://127.0.0.1:{server.server_port}/",), patience=0.3) == []
    assert monotonic() - before < 2
    server.shutdown()


def test_an_unwritable_cache_is_one_sentence(serve, tmp_path):
    file = tmp_path / "file"
    file.write_text("in the way")
    with pytest.raises(DataError, match="the file cannot be written"):
        mirrors.download(file / "below", (serve(_Mirror),))
