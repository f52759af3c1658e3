"""A calculator for whole expressions."""
