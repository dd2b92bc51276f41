"""The command line: one command a file, each of them a function of the package with options around it."""

from insitu.cli.app import main

__all__ = ["main"]
