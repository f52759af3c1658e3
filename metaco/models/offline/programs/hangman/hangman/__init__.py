"""Hangman in the terminal."""
