"""Trimodal digits, generated: an image, a spoken word and a written word."""
