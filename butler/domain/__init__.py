"""The butler's own knowledge: plain values and pure decisions."""
