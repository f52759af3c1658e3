"""Converts units, exactly."""
