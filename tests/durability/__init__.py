"""Interrupted at any point, by anything: nothing that was committed is lost, and what goes on ends in the same bits."""
