"""Procedures: read from YAML, checked, cut to size."""
