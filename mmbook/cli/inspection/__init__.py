"""What the program `inspect` is made of: long recordings, and what is written about them."""
