"""Honest benchmarks: one file a question, each with its bound or its rival measured in the same run."""
