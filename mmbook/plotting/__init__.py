"""Every picture that the chapters draw."""
