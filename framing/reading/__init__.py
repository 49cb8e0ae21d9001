"""File formats, one module each: a file in, a table of records with their places out."""
