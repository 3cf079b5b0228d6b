# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings documents as PlaceOS keeps them: YAML, of which JSON is a part."""

from __future__ import annotations

import json
from typing import Any

try:
    import yaml
except ImportError as error:  # reported by _module.py as a missing library, with the install command
    YAML_IMPORT_ERROR: ImportError | None = error
else:
    YAML_IMPORT_ERROR = None

    class _TextDates(yaml.SafeLoader):
        """YAML without dates: PlaceOS keeps them as text."""

    _TextDates.yaml_implicit_resolvers = {
        first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def parsed(text: str) -> Any:
    """The document in a text; a text that is no YAML is returned as it is, so that it differs from every document."""
    try:
        document = yaml.load(text, Loader=_TextDates)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError:
        return text
    return {} if document is None else document


def written(document: Any) -> str:
    """A document as text, keys in the order of the inventory."""
    # Through JSON, since Ansible's own kinds of strings and numbers are unknown to the YAML writer.
    return yaml.safe_dump(json.loads(json.dumps(document)), sort_keys=False, allow_unicode=True)
