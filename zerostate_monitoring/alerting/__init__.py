"""Rules to alerts to messages: evaluation, suppression, routing, delivery, and looking back."""
