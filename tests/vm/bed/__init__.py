# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual machine without virtualisation: real sshd, sudo, dockerd, docker-compose and git, in namespaces of their own.

`python -m vm.bed FOLDER` (with `tests` on PYTHONPATH) starts one by hand.
"""
