"""Generated scenes: images of coloured shapes, sentences and questions about them."""
