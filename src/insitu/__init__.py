"""insitu: training neural networks inside the memory that stores their weights."""

__version__ = "0.1.0"
