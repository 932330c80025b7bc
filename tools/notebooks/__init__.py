"""Tools for the chapters: run them, keep them in step with the package, check them."""
