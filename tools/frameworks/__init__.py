"""One trained network of the book in five frameworks, compared by `make frameworks`."""
