"""Pictures: functions from results to figures, which can be drawn again at any time."""
