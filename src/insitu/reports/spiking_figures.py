"""Figures of one run of the spiking network."""


def draw_all(folder, untrained, network, readout, inputs, dataset, rows):
    """Draw all figures of a run."""
