"""The command ``insitu doctor``."""

from __future__ import annotations

from insitu.cli.options import Json


def doctor(as_json: Json = False) -> None:
    """Say what is installed, how many threads there are, and which data sets are found, or why not."""

    from insitu import doctor as examination
    from insitu import terminal

    with terminal.console(stderr=True).status("Looking around ..."):
        findings = examination.examine()
    if as_json:
        terminal.emit_json(findings)
    else:
        examination.show(findings, terminal.console())
