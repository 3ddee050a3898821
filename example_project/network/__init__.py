"""A small ZeroState network that lives: platform tables and nodes, for the demo and for tests."""
