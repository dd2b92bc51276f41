"""Data to learn from: named, from files of a person's own, or MNIST where it can be found, else scikit-learn's digits."""

from insitu.datasets.building import from_arrays
from insitu.datasets.dataset import Dataset
from insitu.datasets.digits import load_digits
from insitu.datasets.finding import find, load_mnist
from insitu.datasets.opening import lasting, load, require_one

__all__ = ["Dataset", "find", "from_arrays", "lasting", "load", "load_digits", "load_mnist", "require_one"]
