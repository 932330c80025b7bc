"""Step 1 for images: bytes become pixels, and pixels a tensor of one size."""
