"""Images to learn from: MNIST where it can be found, else the digits embedded in scikit-learn."""

from insitu.datasets.dataset import Dataset
from insitu.datasets.digits import load_digits
from insitu.datasets.finding import find, load_mnist

__all__ = ["Dataset", "find", "load_digits", "load_mnist"]
