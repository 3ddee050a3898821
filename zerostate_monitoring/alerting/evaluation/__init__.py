"""From what is due to what stands: slots, claims, questions, decisions, rows."""
