"""The small sets that ship with the book or are made of what its dependencies ship."""
