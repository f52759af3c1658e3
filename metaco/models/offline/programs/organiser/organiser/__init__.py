"""Tidies a folder: moves its files into folders by their type or date."""
