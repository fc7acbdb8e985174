"""The whole road in one go: a synthetic municipality's changes travel to a registry, and a proof that they arrived."""
