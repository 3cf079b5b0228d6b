# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a release of a version, and finds the previous one: the work of the module engine_checkout.

Standard library only; it runs on the client's VM.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import versions
from .access import Credentials, access, misfit
from .advice import advice
from .fetch import Fetcher
from .git import Git, GitError
from .history import added, way_back
from .local_changes import LocalChanges, examine
from .releases import Release, Releases, now
from .remote import Remote, RemoteError, read_remote
from .ssh_agent import AgentError

REFUSE, KEEP, DISCARD = "refuse", "keep", "discard"


class CheckoutError(Exception):
    """It could not be done; the text says what, where, why and what to do. result: what the module returns with it."""

    def __init__(self, message: str, **result: Any) -> None:
        super().__init__(message)
        self.result = result


@dataclass(frozen=True)
class Wish:
    """What is to be checked out, and how. Fields as the options of the module."""

    repository: str
    version: str
    keep: int = 3
    local_changes: str = REFUSE
    expected_changes: tuple[str, ...] = ()
    timeout: float = 300


@dataclass
class Report:
    """What was done, or would be."""

    commit: str = ""
    version: str = ""
    path: str = ""
    created: bool = False
    pruned: list[str] = field(default_factory=list)
    previous: dict[str, Any] | None = None
    local_changes: list[LocalChanges] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether a release was made or removed."""
        return self.created or bool(self.pruned)

    def result(self) -> dict[str, Any]:
        """As the module's result."""
        return {
            "changed": self.changed,
            "commit": self.commit,
            "version": self.version,
            "path": self.path,
            "created": self.created,
            "pruned": self.pruned,
            "previous": self.previous,
            "local_changes": [changes.result() for changes in self.local_changes],
        }


class Checkout:
    """The releases of one directory, and the git that serves them.

    current: path of the checkout that is mounted now; without it the newest of the history.
    """

    def __init__(self, git: Git, releases: Releases, current: str = "", dry: bool = False) -> None:
        self.git = git
        self.releases = releases
        self.dry = dry
        releases.check()
        self.history = releases.history()
        newest = str(self.history[-1]["path"]) if self.history else ""
        self.current = releases.named(current) if current else newest

    def present(self, wish: Wish, credentials: Credentials) -> Report:
        """See that there is an unchanged release of the version. Raises CheckoutError.

        The network is asked only when the version does not name a release that is there.
        """
        remote = _checked(wish, credentials)
        report = Report(version=wish.version)
        if credentials.token and remote.exposed:
            report.warnings.append(f"The token crosses the network to {remote.host} unencrypted; use https.")
        with self._held(wish.timeout) as self.git, self._failing(wish, remote):
            with _Reach(self.git, remote, credentials, keep_learned=not self.dry) as reach:
                resolved = self._resolve(wish, reach, report)
                release = self._suitable(wish, resolved, report)
                report.commit = resolved.commit
                if release:
                    report.path = str(release.path)
                else:
                    self._create(wish, resolved, reach, report)
            report.previous = self._previous(report.path)
            self._prune(wish, report)
        return report

    def previous(self, wish: Wish) -> Report:
        """Find the release that was in use before the current one, or one of a version. Raises CheckoutError.

        Nothing is fetched: a way back has to work when the network does not.
        """
        wanted = self._named(wish.version) if wish.version else self._before()
        report = Report(version=wanted.version)
        changes = self._look(wish, [wanted.path, *([Path(self.current)] if self.current else [])])
        self._judge(wish, changes, report, {"commit": wanted.commit})
        if str(wanted.path) in {change.path for change in changes} and wish.local_changes == DISCARD:
            others = [other for other in self.releases.of_commit(wanted.commit) if not self._look(wish, [other.path])]
            if not others:
                raise CheckoutError(f"there is no unchanged checkout of commit {wanted.commit}. {self._choice()}")
            wanted = others[-1]
        report.commit, report.path = wanted.commit, str(wanted.path)
        report.previous = self._previous(report.path)
        return report

    def used(self, path: str, version: str, rolled_back: bool = False) -> bool:
        """Write down that a release is in use now; returns whether that is news. Raises CheckoutError.

        Without a path it is what the client's own Compose file says.
        """
        entry: dict[str, Any] = {"commit": "", "version": version, "path": "", "when": now()}
        if path:
            release = self.releases.read(Path(self.releases.named(path)))
            if not release and not self.dry:
                raise CheckoutError(f"{path} is not a release of {self.releases.directory}")
            entry.update(commit=release.commit if release else "", path=self.releases.named(path))
        entries = added(self.history, entry, rolled_back)
        news = entries != self.history
        if news and not self.dry:
            with self.releases.locked(30):
                self.releases.write_history(entries)
        return news

    def _before(self) -> Release:
        current = self.releases.read(Path(self.current)) if self.current else None
        if not current:
            used = f"{self.current} is mounted, which is no release" if self.current else "no release is in use"
            raise CheckoutError(
                f"{used} of {self.releases.directory}, so there is none before it. {self._choice()}",
                releases=self._shown(),
            )
        way = [self.releases.read(Path(entry["path"])) for entry in way_back(self.history, self.current)]
        there = [release for release in way if release]
        if not there:
            raise CheckoutError(
                f"there is no release before the current one, {current.path.name} (commit {current.commit}), to go back "
                f"to{self._left_behind()}. {self._choice()}",
                releases=self._shown(),
            )
        return there[-1]

    def _named(self, version: str) -> Release:
        hexadecimal = versions.as_hash(version)
        found = self.releases.of_commit(hexadecimal) if hexadecimal else []
        found = found or [release for release in self.releases.all() if release.version == version]
        if not found or len({release.commit for release in found}) > 1:
            raise CheckoutError(
                f"{'several releases' if found else 'no release'} on the VM fit {version}. {self._choice()}. To install "
                "another one, pin it in the inventory (engine_app_version) and run site.yml",
                releases=self._shown(),
            )
        return found[-1]

    def _resolve(self, wish: Wish, reach: _Reach, report: Report) -> versions.Resolved:
        hexadecimal = versions.as_hash(wish.version)
        there = {release.commit for release in self.releases.of_commit(hexadecimal)} if hexadecimal else set()
        if len(there) == 1:
            return versions.Resolved(there.pop(), "commit")
        listed = reach.git.run("ls-remote", "--", reach.remote.url, cwd=Path("/"))
        refs = versions.read_refs(listed)
        resolved = versions.resolve(wish.version, refs)
        if resolved is None and hexadecimal:
            # A short hash of an older commit: only the whole history knows it.
            if self.dry:
                raise CheckoutError(
                    f"{wish.version} is the beginning of no tag's or branch's newest commit; in check mode the whole "
                    "history is not fetched to look for it. Give the full hash (40 digits)"
                )
            resolved = Fetcher(reach.git, self.releases.cache).find(reach.remote.url, hexadecimal)
        if resolved is None:
            close = versions.similar(wish.version, refs)
            hint = (
                f"Similar: {', '.join(close)}." if close else f"It has {len(refs)} tags and branches; none is similar."
            )
            raise CheckoutError(f"the repository has no commit, tag or branch of that name. {hint}", similar=close)
        if resolved.kind == "branch":
            report.warnings.append(
                f"version {wish.version} is a branch: its newest commit is used ({resolved.commit} now), so another run "
                "may install something else. Pin a tag or a commit."
            )
        return resolved

    def _suitable(self, wish: Wish, resolved: versions.Resolved, report: Report) -> Release | None:
        """The release to use, if there is one; local changes in it and in what is in use are judged."""
        candidates = self.releases.of_commit(resolved.commit)
        release = candidates[-1] if candidates else None
        paths = [release.path] if release else []
        paths += [Path(self.current)] if self.current else []
        changes = self._look(wish, paths)
        self._judge(wish, changes, report, {"commit": resolved.commit})
        changed = {change.path for change in changes}
        if release and str(release.path) in changed and wish.local_changes == DISCARD:
            clean = [other for other in candidates if other is not release and not self._look(wish, [other.path])]
            release = clean[-1] if clean else None
        return release

    def _look(self, wish: Wish, paths: Sequence[Path]) -> list[LocalChanges]:
        found = []
        for path in dict.fromkeys(paths):
            release = self.releases.read(path)
            found.append(examine(self.git, path, wish.expected_changes, release.commit if release else ""))
        return [changes for changes in found if changes]

    def _judge(self, wish: Wish, changes: Sequence[LocalChanges], report: Report, result: Mapping[str, Any]) -> None:
        report.local_changes = list(changes)
        if not changes:
            return
        lines = "\n".join(line for change in changes for line in change.lines())
        if wish.local_changes == REFUSE:
            raise CheckoutError(
                f"there are local changes that would be in use, or would not be used any more:\n{lines}\n"
                "Nothing was changed. Bring them into the repository and pin the commit that has them; or say with "
                "local_changes (engine_app_local_changes) what is to happen: keep uses a changed release as it is, "
                "discard uses an unchanged checkout. Neither deletes a change. Files that the engine itself writes "
                "belong into expected_changes (engine_app_expected_changes)",
                local_changes=[change.result() for change in changes],
                **result,
            )
        done = "are used as they are" if wish.local_changes == KEEP else "are not used"
        report.warnings.append(
            f"Local changes in a release that is to run {done}; those elsewhere stay there:\n{lines}"
        )

    def _create(self, wish: Wish, resolved: versions.Resolved, reach: _Reach, report: Report) -> None:
        path = self.releases.new_path(resolved.commit)
        report.path, report.created = str(path), True
        if self.dry:
            return
        fetcher = Fetcher(reach.git, self.releases.cache)
        fetcher.fetch(reach.remote.url, resolved)
        if resolved.ref.startswith("refs/tags/"):
            former = fetcher.note_tag(resolved)
            if former:
                report.warnings.append(
                    f"The tag {wish.version} was moved: it was commit {former} before and is {resolved.commit} now."
                )
        facts = {"commit": resolved.commit, "version": wish.version, "repository": reach.remote.url}
        with self.releases.unfinished(path, facts) as folder:
            fetcher.checkout(reach.remote.url, resolved.commit, folder)

    def _previous(self, path: str) -> dict[str, Any] | None:
        way = way_back(self.history, path)
        if self.current and self.current != path:
            before = self.releases.read(Path(self.current))
            return {"commit": before.commit if before else "", "path": self.current}
        return {"commit": way[-1].get("commit", ""), "path": way[-1]["path"]} if way else None

    def _prune(self, wish: Wish, report: Report) -> None:
        way = way_back(self.history, self.current)
        # After a switch back the one before the current one is wanted again.
        protected = {report.path, self.current, *(entry["path"] for entry in way[-1:])}
        used = {entry["path"]: str(entry.get("when", "")) for entry in self.history}
        there = sorted(self.releases.all(), key=lambda r: max(r.created, used.get(str(r.path), "")), reverse=True)
        # What is about to be made counts, in check mode too.
        others = [release for release in there if str(release.path) not in protected]
        room = max(
            0, wish.keep - len({path for path in protected if path and Path(path).parent == self.releases.folder})
        )
        for release in reversed(others[room:]):
            changes = self._look(wish, [release.path])
            if changes:
                lines = "\n".join(changes[0].lines())
                report.warnings.append(f"An old release has local changes, so it is not removed:\n{lines}")
                continue
            if not self.dry:
                try:
                    self.releases.remove(release)
                except OSError as error:
                    report.warnings.append(f"An old release could not be removed: {error}")
                    continue
            report.pruned.append(str(release.path))

    @contextlib.contextmanager
    def _held(self, patience: float) -> Iterator[Git]:
        if self.dry:
            yield self.git
            return
        if not self.releases.directory.parent.is_dir():
            raise CheckoutError(f"the folder {self.releases.directory.parent} is not there")
        with self.releases.locked(patience) as lock:
            yield self.git.holding(lock)

    @contextlib.contextmanager
    def _failing(self, wish: Wish, remote: Remote) -> Iterator[None]:
        """Every failure names repository and version."""
        where = f"{wish.repository}, version {wish.version}"
        try:
            yield
        except CheckoutError as error:
            raise CheckoutError(f"{where}: {error}", **error.result) from error
        except AgentError as error:
            raise CheckoutError(f"{where}: {error}") from error
        except GitError as error:
            raise CheckoutError(f"{where}: {error}\n{advice(error.words, remote)}".rstrip()) from error

    def _left_behind(self) -> str:
        newest = self.history[-1] if self.history else {}
        former = newest.get("rolled_back_from", "")
        return f" (it was rolled back to already, from commit {former})" if former else ""

    def _choice(self) -> str:
        names = [f"{release.version} ({release.commit})" for release in self.releases.all()]
        there = f"Releases on the VM: {', '.join(names)}" if names else "There is no release on the VM"
        return (
            f"{there}. engine_app_rollback_to names the one to switch to, "
            "or client for what the client's own Compose file mounts"
        )

    def _shown(self) -> list[dict[str, str]]:
        return [
            {"path": str(release.path), "commit": release.commit, "version": release.version}
            for release in self.releases.all()
        ]


class _Reach(contextlib.AbstractContextManager):  # type: ignore[type-arg]  # older Pythons cannot subscript it
    """Access to the remote repository, opened when it is first needed: an unchanged run starts no agent."""

    def __init__(self, git: Git, remote: Remote, credentials: Credentials, keep_learned: bool) -> None:
        self.remote = remote
        self._open: Callable[[], contextlib.AbstractContextManager[Git]] = lambda: access(
            git, remote, credentials, keep_learned
        )
        self._stack = contextlib.ExitStack()
        self._git: Git | None = None

    @property
    def git(self) -> Git:
        if self._git is None:
            self._git = self._stack.enter_context(self._open())
        return self._git

    def __exit__(self, *failure: object) -> None:
        self._stack.close()


def _checked(wish: Wish, credentials: Credentials) -> Remote:
    try:
        remote = read_remote(wish.repository)
    except RemoteError as error:
        raise CheckoutError(f"the repository's address {error}") from error
    faults = [f"version {wish.version!r} {fault}" for fault in [versions.fault(wish.version)] if fault]
    faults += [fault for fault in [misfit(remote, credentials)] if fault]
    if wish.keep < 1:
        faults.append("keep must be at least 1")
    if faults:
        raise CheckoutError("; ".join(faults))
    return remote
