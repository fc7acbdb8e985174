"""The receiver's own addresses: validation without storing, receipts and open findings, metrics, and documentation.

FHI's protocol has `/keys` and `/message`; what is here is ours, and its errors are problems (RFC 9457) that FHI's client can
read as well (docs/adr/0012).
"""
