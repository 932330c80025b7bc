"""Real sets, read in their publishers' own layout: one file each."""
