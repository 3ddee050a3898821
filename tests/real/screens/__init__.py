"""Every page of the admin, looked at in a real browser over a network that has lived."""
