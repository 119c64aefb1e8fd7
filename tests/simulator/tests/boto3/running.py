"""Runs flows one after the other, each on a simulator that remembers nothing of those before."""

import sys
import traceback
from pathlib import Path

from checking import Bench

HERE = Path(__file__).parent


def run(service, url, flows, operations):
    """Runs all flows. Ends the program with an error when one of them failed, or when one of the operations never
    succeeded in any of them."""
    bench = Bench(url)
    wrong = []
    for flow in flows:
        name = flow.__name__.replace("_", " ")
        print(name, flush=True)
        bench.control.reset()
        try:
            flow(bench)
        except Exception as error:
            tell(error)
            wrong.append(name)
        misfits = bench.take_misfits()
        if misfits:
            print("\n".join(misfits), flush=True)
            wrong.append(f"{name}: {len(misfits)} answers did not fit the model")
    wrong += [f"{name} never succeeded" for name in sorted(operations) if not bench.succeeded[service, name]]
    if wrong:
        print(f"failed: {'; '.join(wrong)}")
        sys.exit(1)
    print(f"{sum(bench.succeeded.values())} answers and {sum(bench.failed.values())} errors fitted the model")


def tell(error):
    """Prints an error with the lines of this folder that led to it; those of botocore say nothing more."""
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).parent == HERE]
    print("".join(traceback.format_list(lines)) + f"{type(error).__name__}: {error}", flush=True)


def main(service, sections, operations, url, section):
    """Runs one section; or, under the name `sections`, holds that all operations there are belong to one at least."""
    if section != "sections":
        run(service, url, sections[section].FLOWS, sections[section].OPERATIONS)
        return
    called = set().union(*(flows.OPERATIONS for flows in sections.values()))
    if called != operations:
        sys.exit(f"called in no section, or no operations: {sorted(called ^ operations)}")
