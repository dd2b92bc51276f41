"""Runs without their figures, which take most of the time of a small one."""


def undrawn(patch) -> None:
    """Have no recipe draw anything while a ``MonkeyPatch`` holds."""
    for module in ("braille", "spiking", "perceptron"):
        patch.setattr(f"insitu.reports.{module}_figures.draw_all", lambda *_: None)
    patch.setattr("insitu.reports.energy_figures.draw_images", lambda *_: None)
