"""The experiments of the chapter: a module each, with the `EXPERIMENT` that a claim names."""
