"""Clients of what lies outside: the platform's database, and the nodes."""
