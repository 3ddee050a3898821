"""From a transition to the receiver's answer: nothing is lost, everything is accounted for.

``enqueuing`` writes down who is to be told; ``flushing`` freezes messages; ``sending`` leases,
sends and records; ``running`` is one pass over all of it.
"""
