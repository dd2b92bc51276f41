"""What all tests share; and pytest puts the folder of this file on the path, so that ``naive`` and ``cases`` are found."""

import gc
import sys

import pytest
from hypothesis import settings

settings.register_profile("no deadline", deadline=None)  # a shared machine may pause at any moment
settings.load_profile("no deadline")


_MANY = 3000  # tests: more than a room of them, which needs some kernels alone


@pytest.hookimpl(wrapper=True)
def pytest_collection(session):
    """Collect tests, nearly all of which live to the end: Python need not look through them for garbage meanwhile."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session):
    """Compile what most tests need, a share a worker: none is given a test before all have said what they have collected.

    What is there by now is not looked through for garbage later on either.
    """
    worker = getattr(session.config, "workerinput", None)
    if worker and len(session.items) > _MANY:
        from ahead import compile_share

        compile_share(int(worker["workerid"].removeprefix("gw")), worker["workercount"])
    gc.collect()
    gc.freeze()


@pytest.fixture
def command(monkeypatch, tmp_path, capsys):
    """Return a function that calls the command line in this process: (exit code, standard output, standard error)."""
    from insitu import cli

    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["insitu", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        shown = capsys.readouterr()
        return end.value.code or 0, shown.out, shown.err

    return call
