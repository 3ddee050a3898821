"""The benchmarks, each in a mode so small that it only shows whether it runs."""
