"""Chapter "Learning-rate mode shifts": what a higher learning rate after memorisation does, and what does it."""
