"""Data files that ship with Leitmotif: word lists, the demo library's profile, icons, palettes."""
