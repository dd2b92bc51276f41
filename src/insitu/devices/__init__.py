"""How a conductance answers a pulse, and keeps it: one law a file; published numbers are in the library."""
