"""The network, once for each framework; each file stands alone and is shown in the chapter."""
