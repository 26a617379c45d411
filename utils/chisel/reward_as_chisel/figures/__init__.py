"""Figures of the chapter: functions from a stored `Result` to a plotly figure, one module an experiment."""
