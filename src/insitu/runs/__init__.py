"""Run folders: everything a run leaves behind, written so that a kill at any moment loses nothing."""

from insitu.runs.checkpoint import load_checkpoint, save_checkpoint
from insitu.runs.folder import RunFolder, run_name
from insitu.runs.manifest import new_manifest
from insitu.runs.writing import atomic_write

__all__ = ["RunFolder", "atomic_write", "load_checkpoint", "new_manifest", "run_name", "save_checkpoint"]
