"""What cannot be drawn."""


class PictureError(Exception):
    """A picture that these results do not give, said in one line."""
