"""Programs for those who work on topicd."""
