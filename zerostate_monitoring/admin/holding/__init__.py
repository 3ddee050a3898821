"""What holds alerts back, in admin: silences, maintenance windows, inhibitions."""
