"""Counts the lines, words and characters of texts and their most frequent words."""
