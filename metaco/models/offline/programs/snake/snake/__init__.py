"""Snake in the terminal."""
