"""Editions of the book: each is made by a command from the same notebooks."""
