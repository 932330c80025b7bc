"""Rules that turn gradients into steps, and what makes one for a model."""
