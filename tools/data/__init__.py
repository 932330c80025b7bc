"""What makes the data that ships."""
