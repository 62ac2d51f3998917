"""Supervision for Pykka actors in OTP's words: specs, strategies, backoff, directory, trees."""

from supervision.backoff import Backoff
from supervision.child import Guardian, Node, Startable, Supervised
from supervision.clock import Clock, SystemClock, Timer
from supervision.directory import Directory
from supervision.failure import DeadLetter, Failure
from supervision.intensity import Intensity
from supervision.live import LiveSupervisor
from supervision.root import Root, StopReport
from supervision.spec import ChildSpec, Directive, ErrorPolicy
from supervision.supervisor import Supervisor

__all__ = [
    "Backoff",
    "ChildSpec",
    "Clock",
    "DeadLetter",
    "Directive",
    "Directory",
    "ErrorPolicy",
    "Failure",
    "Guardian",
    "Intensity",
    "LiveSupervisor",
    "Node",
    "Root",
    "Startable",
    "StopReport",
    "Supervised",
    "Supervisor",
    "SystemClock",
    "Timer",
]
