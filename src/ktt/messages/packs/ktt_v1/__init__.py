"""KTT, contract version 1: data only. `fields.toml` is the source; `schema/` is made from it; `examples/` shows it."""
