"""A report: one HTML page that tells of an experiment, with pictures that answer, and needs nothing but itself."""
