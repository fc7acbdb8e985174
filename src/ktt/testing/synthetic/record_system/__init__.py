"""The record system of the synthetic municipality: tables, forms of values, database, mapping file and a reader."""
