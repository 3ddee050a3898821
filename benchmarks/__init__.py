"""What the app costs, beside what its peers cost; `make bench` runs all of it."""
