"""The tests mirror the package; each reads as an example of what it shows."""
