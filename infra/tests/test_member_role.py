"""The rights of look-ups in the two templates that have them."""

import unittest
from unittest import mock

import member_role


class MemberRole(unittest.TestCase):
    def test_it_is_what_make_member_role_would_write(self) -> None:
        self.assertEqual(member_role.WRITTEN.read_text(encoding="utf-8"), member_role.written(), "run `make member-role`")
        self.assertIn("iam:GetRole", member_role.rights(member_role.SOURCE)["rights"])

    def test_a_right_that_only_the_stack_has_is_written(self) -> None:
        changed = member_role.SOURCE.read_text(encoding="utf-8").replace("iam:GetRole,", "iam:GetRole, iam:GetGroup,")
        source = mock.Mock(read_text=lambda **_: changed)
        with mock.patch.object(member_role, "SOURCE", source):
            self.assertIn("iam:GetGroup", member_role.written())

    def test_a_template_without_the_lines_is_named(self) -> None:
        with mock.patch.object(member_role, "SOURCE", member_role.CASE / "forward.yaml"), \
                self.assertRaisesRegex(member_role.Unmarked, "forward.yaml has 0 places"):
            member_role.written()


if __name__ == "__main__":
    unittest.main()
