"""Checks that the output of `sam build` has the architecture that is deployed.

    binaries.py .aws-sam/build x86_64

Lambda starts a function whose binary is for another processor, and every invocation then fails with an exec format error.
cargo-lambda builds for the machine that it runs on unless SAM asks it for arm64, so the architecture is read from the ELF
header of each `bootstrap`. Needs only Python.
"""

import sys
from pathlib import Path

# Lambda's names, and e_machine of the ELF specification (EM_X86_64, EM_AARCH64).
MACHINES = {"x86_64": 62, "arm64": 183}

# Up to and including e_machine, which has two bytes at offset 18.
HEADER_BYTES = 20


def machine_of(header: bytes) -> str:
    """The architecture of an executable, from its first bytes: a key of MACHINES, or a description of anything else."""
    if len(header) < HEADER_BYTES or header[:4] != b"\x7fELF":
        return "something that is not an ELF executable"
    if header[4] != 2:
        return "32-bit code"
    number = int.from_bytes(header[18:20], "big" if header[5] == 2 else "little")
    return next((name for name, machine in MACHINES.items() if machine == number), f"machine {number}")


def architecture_errors(folder: Path, architecture: str) -> list[str]:
    """One line for each function of the folder that cannot run on that architecture."""
    # A nested stack has a folder with its template; those of the project have no functions.
    functions = sorted(path for path in folder.glob("*") if path.is_dir() and not (path / "template.yaml").is_file())
    if not functions:
        return [f"{folder} contains no functions; run `sam build` first"]
    found = []
    for function in functions:
        try:
            with (function / "bootstrap").open("rb") as file:
                machine = machine_of(file.read(HEADER_BYTES))
        except OSError as error:
            found.append(f"{function.name}: could not read its bootstrap ({error.strerror})")
            continue
        if machine != architecture:
            found.append(f"{function.name} is built for {machine}, not for {architecture}")
    return found


def main() -> None:
    if len(sys.argv) != 3 or sys.argv[2] not in MACHINES:
        sys.exit(f"usage: binaries.py FOLDER {'|'.join(MACHINES)}")
    found = architecture_errors(Path(sys.argv[1]), sys.argv[2])
    if found:
        sys.exit("\n".join(f"binaries: {error}" for error in found))
    print(f"all functions are built for {sys.argv[2]}")


if __name__ == "__main__":
    main()
