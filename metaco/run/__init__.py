"""A run: its log, its state, and the environment that runs its turns."""
