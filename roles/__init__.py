"""The built-in roles, one folder each: class, documents, prompts, offline answers."""
