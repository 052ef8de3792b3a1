"""The offline SageMaker: moto's server on loopback, seeded, extended where moto falls short."""

from gateway.twin.faults import FaultError
from gateway.twin.twin import Twin

__all__ = ["FaultError", "Twin"]
