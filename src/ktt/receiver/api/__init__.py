"""The receiver's further doors: judging without storing, what was received and what is still wrong, numbers, and docs.

FHI's protocol has `/keys` and `/message`. What is here is ours; its errors are problems (RFC 9457) that FHI's client can
read as well (docs/adr/0012).
"""
