"""The permissions of lookups in the two templates that contain them."""

import unittest
from unittest import mock

import member_role


class MemberRole(unittest.TestCase):
    def test_member_role_is_up_to_date(self) -> None:
        self.assertEqual(member_role.TARGET.read_text(encoding="utf-8"), member_role.rendered(), "run `make member-role`")
        self.assertIn("iam:GetRole", member_role.permission_block(member_role.SOURCE)["permissions"])

    def test_new_permission_of_the_stack_is_copied(self) -> None:
        changed = member_role.SOURCE.read_text(encoding="utf-8").replace("iam:GetRole,", "iam:GetRole, iam:GetGroup,")
        source = mock.Mock(read_text=lambda **_: changed)
        with mock.patch.object(member_role, "SOURCE", source):
            self.assertIn("iam:GetGroup", member_role.rendered())

    def test_template_without_markers_is_an_error(self) -> None:
        with mock.patch.object(member_role, "SOURCE", member_role.CASE / "forward.yaml"), \
                self.assertRaisesRegex(member_role.MissingMarkerError, "forward.yaml has 0 blocks"):
            member_role.rendered()


if __name__ == "__main__":
    unittest.main()
