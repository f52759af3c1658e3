"""The built-in roles, the documents they share, and the code that several of them use."""
