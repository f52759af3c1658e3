"""Keeps records of one kind in a SQLite file."""
