"""Pure functions on numbers, arrays and frames; no files, no figures."""
