"""Measurements that are printed, not asserted: ratios from one run, on real data where it is present."""
