"""Runs flows one after the other, each after a reset of the simulator."""

import sys
import traceback
from pathlib import Path

from checking import SimulatorClients

HERE = Path(__file__).parent


def run(service, url, flows, operations):
    """Runs all flows. Ends the program with an error when one of them failed, or when one of the operations never
    succeeded in any of them."""
    bench = SimulatorClients(url)
    wrong = []
    for flow in flows:
        name = flow.__name__.replace("_", " ")
        print(name, flush=True)
        bench.control.reset()
        try:
            flow(bench)
        except Exception as error:
            print_error(error)
            wrong.append(name)
        violations = bench.take_violations()
        if violations:
            print("\n".join(violations), flush=True)
            wrong.append(f"{name}: {len(violations)} responses did not match the model")
    wrong += [f"{name} never succeeded" for name in sorted(operations) if not bench.succeeded[service, name]]
    if wrong:
        print(f"failed: {'; '.join(wrong)}")
        sys.exit(1)
    print(f"{sum(bench.succeeded.values())} answers and {sum(bench.failed.values())} errors matched the model")


def print_error(error):
    """Prints an error with the lines of this folder that led to it; without those of botocore."""
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).parent == HERE]
    print("".join(traceback.format_list(lines)) + f"{type(error).__name__}: {error}", flush=True)


def main(service, sections, operations, url, section):
    """Runs one section; or, for the name `sections`, checks that every operation belongs to at least one section."""
    if section != "sections":
        run(service, url, sections[section].FLOWS, sections[section].OPERATIONS)
        return
    called = set().union(*(flows.OPERATIONS for flows in sections.values()))
    if called != operations:
        sys.exit(f"called in no section, or no operations: {sorted(called ^ operations)}")
