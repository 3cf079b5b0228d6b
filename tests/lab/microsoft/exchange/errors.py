# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong in a cmdlet, in Exchange's words.

Recorded are the sentences "couldn't be found on", "already exists", the size limit of policies and the name
AADServicePrincipalNotFound. PowerShell's own sentences about parameters are well known; that InvokeCommand passes them on
in this form is inferred, and so is every sentence that is marked so below.
"""

from __future__ import annotations

SERVER = "EXAMPLE01A001DC01.EXAMPLE01.PROD.OUTLOOK.COM"
"""The domain controller that answers."""


class CmdletError(Exception):
    """A cmdlet failed.

    Args:
        words: The sentence a person reads.
        type_name: The exception's full name.
        tag: The code in front of it (``Ex`` and six hexadecimal digits).
        status: HTTP status of the answer.
        as_json: Exchange wraps some errors as JSON instead of putting bars between the parts.
    """

    def __init__(self, words: str, type_name: str, tag: str, status: int = 400, *, as_json: bool = False) -> None:
        super().__init__(words)
        self.words = words
        self.type_name = type_name
        self.tag = tag
        self.status = status
        self.as_json = as_json


def not_found(identity: str) -> CmdletError:
    """The object of an identity is not there (recorded)."""
    words = f"The operation couldn't be performed because object '{identity}' couldn't be found on '{SERVER}'."
    return CmdletError(
        words, "Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException", "Ex6F9304", 404
    )


def already_exists(name: str) -> CmdletError:
    """An object of this name is there already (recorded, wrapped as JSON)."""
    words = f"The object 'CN={name},OU=x' already exists."
    kind = "Microsoft.Exchange.Data.Directory.ADObjectAlreadyExistsException"
    return CmdletError(words, kind, "ExE8D6E6", as_json=True)


def not_unique(identity: str) -> CmdletError:
    """Several objects answer to one identity (inferred)."""
    words = f"The operation couldn't be performed because '{identity}' matches multiple entries."
    return CmdletError(words, "Microsoft.Exchange.Configuration.Tasks.ManagementObjectAmbiguousException", "Ex1A4F3C")


def size_limit() -> CmdletError:
    """Too many policies (documented)."""
    words = "The total size of App Access Policies exceeded the limit."
    return CmdletError(words, "Microsoft.Exchange.Configuration.Tasks.RecipientTaskException", "Ex0E5B17")


def no_security_principal(identity: str, details: str) -> CmdletError:
    """A recipient that cannot be the scope of a policy (the sentence is inferred)."""
    words = (
        f"The recipient '{identity}' of type '{details}' is not a security principal. Application access policies can only"
        " be scoped to security principals, such as mail-enabled security groups."
    )
    return CmdletError(words, "Microsoft.Exchange.Configuration.Tasks.RecipientTaskException", "Ex51D7A9")


def policy_exists(identity: str) -> CmdletError:
    """The same application, scope and right again (inferred: how the real service answers is not known)."""
    words = f"An application access policy with the identity '{identity}' and this access right already exists."
    kind = "Microsoft.Exchange.Data.Directory.ADObjectAlreadyExistsException"
    return CmdletError(words, kind, "ExE8D6E6", as_json=True)


def no_service_principal(object_id: str) -> CmdletError:
    """New-ServicePrincipal with an id that is no enterprise application's (the name is recorded)."""
    words = f"AADServicePrincipalNotFound: the service principal '{object_id}' was not found in Microsoft Entra ID."
    return CmdletError(words, "Microsoft.Exchange.Management.Tasks.AADServicePrincipalNotFoundException", "Ex8F2C61")


def refused(words: str) -> CmdletError:
    """Anything else a task refuses (inferred)."""
    return CmdletError(words, "Microsoft.Exchange.Configuration.Tasks.TaskInvalidOperationException", "Ex3C9A02")


def binding(words: str) -> CmdletError:
    """PowerShell could not bind the parameters."""
    return CmdletError(words, "System.Management.Automation.ParameterBindingException", "Ex9B41F0")
