"""Pictures of series. Pure: values in, text out."""
