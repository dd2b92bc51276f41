"""What all tests share; and pytest puts the folder of this file on the path, so that ``naive`` and ``cases`` are found."""

import sys

import pytest
from hypothesis import settings

settings.register_profile("no deadline", deadline=None)  # a shared machine may pause at any moment
settings.load_profile("no deadline")


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
