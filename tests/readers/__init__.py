"""See tests."""
