"""Tic-tac-toe in the terminal."""
