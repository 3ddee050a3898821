"""Frames to one page: merge, render, keep, negotiate. Reads the store and nothing else."""
