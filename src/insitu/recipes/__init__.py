"""Published configurations as TOML files, each with the module that carries it out."""
