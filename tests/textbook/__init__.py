"""Experiments on what teaching texts say: each claim in numbers, and where it is not true."""
