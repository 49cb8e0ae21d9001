"""A corpus that grows: a folder of Parquet parts by date, and a catalogue of them."""
