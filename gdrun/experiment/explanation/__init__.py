"""What happened in runs that ended and why, from the stored files: sentences with numbers."""
