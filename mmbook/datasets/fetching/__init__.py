"""Getting a real set: transfer, integrity, unpacking."""
