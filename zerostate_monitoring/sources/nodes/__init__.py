"""Nodes: the only door to their HTTP addresses, and what their pages say."""
