"""Orders of the platform's own: done by its own executor, paid to one of the nodes.

Here, and not in the simulation, this app's operations are at work: each is counted, followed
and told of where it happens.
"""
