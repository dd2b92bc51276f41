"""What cells do beside answering pulses: keep (retention), wear out (endurance), and read the same twice (noise)."""
