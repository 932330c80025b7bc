"""What runs any experiment: its name and options, work done once, the record and its code."""
