"""A mailbox for the demonstration: mail goes into files, and a page shows it."""
