"""What can be wrong with workers, each in one line."""

from __future__ import annotations


class ClusterError(Exception):
    """Workers that are gone, or cannot train."""


class NoClusterError(ClusterError):
    """A cluster that was asked for and is not there, or not fit for the work."""
