"""Networks: arrays and a rule, with scikit-learn's interface."""
