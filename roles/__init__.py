"""The built-in roles, one folder each: the class, its documents, its prompts, its offline answers."""
