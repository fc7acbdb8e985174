"""The record system compared with what the registry truly holds (ADR 0017)."""
