"""What people read: Markdown pages, Mermaid diagrams, pictures."""
