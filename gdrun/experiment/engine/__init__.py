"""Where tiles are trained: in this process, or on Dask workers."""
