"""What the page for teachers states: hours, prerequisites, plans, reading times."""
