"""gdrun from Python and in notebooks: the same as the commands, as objects that show themselves."""
