"""The commands of `kawat`: each module adds its own with `register(app)`."""
