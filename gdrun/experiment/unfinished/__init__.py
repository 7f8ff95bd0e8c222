"""Tiles in progress: claimed by one process, saved now and then, gone on with after an interruption."""
