"""What the files under ``example_project/deploy`` promise, read as data."""
