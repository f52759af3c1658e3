"""Converts Markdown to HTML."""
