"""Families of programs: each module or package here has `fits` and `program`."""
