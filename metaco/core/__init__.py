"""The vocabulary: documents, errors, limits, paths. Imports nothing of the other rooms."""
