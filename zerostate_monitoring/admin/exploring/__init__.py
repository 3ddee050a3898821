"""Looking at series: the chart of a metric, and any expression over any window."""
