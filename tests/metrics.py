"""What a run has noted while it learned."""

import json


def metrics_of(folder):
    """Return the rows of metrics.jsonl, oldest first."""
    return [json.loads(line) for line in (folder.path / "metrics.jsonl").read_text().splitlines()]
