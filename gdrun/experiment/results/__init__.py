"""What gdrun writes and reads back: one folder per experiment."""
