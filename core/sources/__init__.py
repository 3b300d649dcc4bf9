"""Where tracks come from: one protocol, one file each."""
