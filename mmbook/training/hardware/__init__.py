"""Where training runs: devices, number formats, processes."""
