"""infra/binaries.py, with sample ELF headers."""

import platform
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import binaries


def header(machine: int, bits: int = 2, order: int = 1) -> bytes:
    """The first bytes of an ELF executable: 64 bits and little-endian, by default."""
    numbers = (2).to_bytes(2, "big" if order == 2 else "little") + machine.to_bytes(2, "big" if order == 2 else "little")
    return b"\x7fELF" + bytes([bits, order, 1, 0]) + bytes(8) + numbers


class Binaries(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "template.yaml").write_text("Resources: {}\n", encoding="utf-8")  # as SAM writes it

    def function(self, name: str, content: bytes) -> None:
        (self.folder / name).mkdir()
        (self.folder / name / "bootstrap").write_bytes(content)

    def test_functions_of_the_architecture_are_accepted(self) -> None:
        for architecture, machine in (("x86_64", 0x3E), ("arm64", 0xB7)):
            self.function(architecture, header(machine) + b"the rest")
            self.assertEqual(binaries.architecture_errors(self.folder, architecture), [])
            (self.folder / architecture / "bootstrap").unlink()
            (self.folder / architecture).rmdir()

    def test_nested_stack_is_not_a_function(self) -> None:
        self.function("OpenCase", header(62))
        (self.folder / "Rights").mkdir()
        (self.folder / "Rights" / "template.yaml").write_text("Resources: {}\n", encoding="utf-8")
        self.assertEqual(binaries.architecture_errors(self.folder, "x86_64"), [])

    def test_each_function_of_another_architecture_is_reported(self) -> None:
        self.function("OpenCase", header(62))
        self.function("SendAlert", header(183))
        self.function("KeepGraph", header(183))
        self.assertEqual(binaries.architecture_errors(self.folder, "x86_64"), ["KeepGraph is built for arm64, not for x86_64",
                                                                  "SendAlert is built for arm64, not for x86_64"])
        self.assertEqual(binaries.architecture_errors(self.folder, "arm64"), ["OpenCase is built for x86_64, not for arm64"])

    def test_other_files_are_reported(self) -> None:
        for content, words in ((b"#!/bin/sh\nexec python3 main.py\n", "something that is not an ELF executable"), (b"", "something that is not an ELF executable"),
                               (header(62)[:19], "something that is not an ELF executable"), (header(3, bits=1), "32-bit code"),
                               (header(62, bits=1), "32-bit code"), (header(22, order=2), "machine 22"),
                               (header(62, order=2), "x86_64")):
            self.assertEqual(binaries.machine_of(content), words)

    def test_missing_binary_and_empty_build_are_errors(self) -> None:
        self.assertIn("contains no functions", binaries.architecture_errors(self.folder, "x86_64")[0])
        self.assertIn("contains no functions", binaries.architecture_errors(self.folder / "missing", "x86_64")[0])
        (self.folder / "OpenCase").mkdir()
        self.assertIn("OpenCase: could not read its bootstrap", binaries.architecture_errors(self.folder, "x86_64")[0])

    def test_interpreter_of_this_machine_is_recognized(self) -> None:
        with open(sys.executable, "rb") as file:
            found = binaries.machine_of(file.read(binaries.HEADER_BYTES))
        self.assertEqual(found, {"aarch64": "arm64"}.get(platform.machine(), platform.machine()))

    def test_command_needs_no_package_and_fails_on_an_error(self) -> None:
        self.function("OpenCase", header(183))
        command = [sys.executable, "-I", "-S", binaries.__file__, str(self.folder)]
        for architecture, status, words in (("arm64", 0, "all functions are built for arm64"), ("x86_64", 1, "OpenCase is built"),
                                            ("x86-64", 1, "usage")):
            output = subprocess.run([*command, architecture], capture_output=True, text=True, check=False)
            self.assertEqual(output.returncode, status, output)
            self.assertIn(words, output.stdout + output.stderr)


if __name__ == "__main__":
    unittest.main()
