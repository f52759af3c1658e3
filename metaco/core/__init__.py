"""Basic types: documents, errors, limits, paths. Imports nothing of the other packages."""
