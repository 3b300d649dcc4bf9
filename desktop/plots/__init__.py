"""The plots of the window, which can also be drawn without one."""
