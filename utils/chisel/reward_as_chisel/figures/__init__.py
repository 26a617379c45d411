"""Figures of the chapter: functions from a stored `Result` to a plotly figure, one module an experiment."""

from chisel.reward_as_chisel.figures import (
    appetites,
    atlas,
    button,
    channels,
    disreward,
    disreward_causes,
    influences,
    mazes,
    region,
    vectors,
)

__all__ = [
    "appetites",
    "atlas",
    "button",
    "channels",
    "disreward",
    "disreward_causes",
    "influences",
    "mazes",
    "region",
    "vectors",
]
