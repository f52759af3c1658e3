"""Generates random passwords and rates the strength of passwords."""
