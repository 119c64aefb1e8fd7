"""Makes the emulator accept alarms on metric math.

It rejects a stack that has one. With this patch such an alarm is stored and never evaluated: the emulator computes no metric
math, and its queues have no metrics.
"""

from typing import Any

from ministack.services.cloudformation import provisioners

Json = dict[str, Any]


def without_math(properties: Json) -> Json:
    """The properties with an unused metric in place of the expressions."""
    if not properties.get("Metrics"):
        return properties
    others = {name: value for name, value in properties.items() if name != "Metrics"}
    return {**others, "Namespace": "MetricMath", "MetricName": "not evaluated"}


def patch_emulator() -> None:
    record = provisioners._cw_metric_alarm_record
    provisioners._cw_metric_alarm_record = lambda name, properties: record(name, without_math(properties))
