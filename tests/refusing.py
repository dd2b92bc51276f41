"""What bad input looks like to a user, whatever the command."""

from __future__ import annotations


def refused(outcome: tuple[int, str, str], *words: str) -> str:
    """Return the sentence with which a command refused its input, the last line that it wrote, with these words in it."""
    code, out, err = outcome
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    (sentence,) = [line for line in err.splitlines() if line.startswith("error: ")]
    assert err.splitlines()[-1] == sentence
    for word in words:
        assert word in sentence
    return sentence
