# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repositories (rest-api controllers/repositories.cr, models repository.cr)."""

from __future__ import annotations

import re

from ..auth import require_admin, require_support
from ..ciphertext import NEVER, encrypt
from ..core import upstream
from ..errors import ApiError, crash, invalid
from ..fields import Field, Model, boolean, optional, string, word
from ..http import Context, Reply, empty, reply
from ..ids import new_id
from ..listing import index
from ..removal import remove_repository
from ..routing import WRITE, Router
from ..rows import build, cached, changed, insert, patch, renderer, require, save
from ..store import Row
from . import settings
from .root import BASE

FOLDER = re.compile(r"[a-zA-Z0-9_+\-().]*\Z")

MODEL = Model(
    "PlaceOS::Model::Repository",
    "repo",
    [
        Field("name", string, sanitise="text"),
        Field("description", string, "", sanitise="common"),
        Field("folder_name", string),
        Field("uri", string),
        Field("commit_hash", string, "HEAD"),
        Field("branch", string, "master"),
        Field("deployed_commit_hash", string, None, nilable=True, assignable=False),
        Field("release", boolean, False),
        optional("username"),
        optional("password"),
        Field("repo_type", word(("driver", "interface"), "PlaceOS::Model::Repository::Type", numbers=True), "driver"),
        optional("root_path"),
        Field("has_runtime_error", boolean, False, assignable=False),
        Field("error_message", string, None, nilable=True, assignable=False),
    ],
)
OPTIONAL = ("deployed_commit_hash", "username", "password", "root_path", "error_message")
document = renderer(MODEL.fields, OPTIONAL, {})
blob = cached(document)


def register(router: Router) -> None:
    """Add the routes."""
    scopes = ("repositories",)
    base = f"{BASE}/repositories"
    router.add("GET", base, index_repositories, scopes=scopes)
    router.add("POST", base, create, scopes=scopes, access=WRITE, body=True)
    router.add("GET", f"{base}/interfaces", unreachable)
    for name in ("remote_default_branch", "remote_branches", "remote_commits", "remote_tags"):
        router.add("GET", f"{base}/{name}", remote)
    router.add("GET", f"{base}/:id", show, scopes=scopes)
    router.add("PATCH PUT", f"{base}/:id", update, scopes=scopes, access=WRITE, body=True)
    router.add("DELETE", f"{base}/:id", destroy, scopes=scopes, access=WRITE)
    router.add("POST", f"{base}/:id/pull", pull, access=WRITE)
    for name in ("branches", "commits", "default_branch", "details", "drivers", "folders", "releases", "tags"):
        router.add("GET", f"{base}/:id/{name}", query)


def index_repositories(ctx: Context) -> Reply:
    """List."""
    require_support(ctx)
    return index(ctx, ctx.tables.repositories, blob)


def show(ctx: Context) -> Reply:
    """Return one repository; the password is ciphertext for everyone."""
    require_support(ctx)
    return Reply(200, blob(require(ctx.tables.repositories, ctx.params["id"])))


def create(ctx: Context) -> Reply:
    """Create; type and folder name must be unique together, the folder name is kept in lower case."""
    require_admin(ctx)
    row = build(MODEL, MODEL.parse(ctx.body))
    _validate(ctx, row, creating=True)
    row["folder_name"] = row["folder_name"].strip().lower()
    row_id = new_id("repo")
    _encrypt(row, row_id)
    return reply(document(insert(ctx.tables.repositories, row, row_id)), 201)


def update(ctx: Context) -> Reply:
    """Change the assigned attributes."""
    require_admin(ctx)
    row = changed(MODEL, require(ctx.tables.repositories, ctx.params["id"]), MODEL.parse(ctx.body))
    _validate(ctx, row)
    _encrypt(row, row["id"])
    return reply(document(save(ctx.tables.repositories, row)))


def destroy(ctx: Context) -> Reply:
    """Delete with drivers and modules."""
    require_admin(ctx)
    remove_repository(ctx.state, require(ctx.tables.repositories, ctx.params["id"]))
    return empty(202)


def pull(ctx: Context) -> Reply:
    """Fetch the newest commit. An unknown remote times out (at once here, after a minute there)."""
    row = _known(ctx)
    if not upstream.reachable(row["uri"]):
        raise ApiError(408, {"error": "Pull timed out"})
    commit = upstream.commits(None)[0]["commit"]
    patch(ctx.tables.repositories, row, deployed_commit_hash=commit)
    return reply({"commit_hash": commit})


def query(ctx: Context) -> Reply:
    """Ask the remote for branches, commits, drivers and so on; an unreachable one is a 500."""
    row = _known(ctx)
    what = ctx.path.rstrip("/").rpartition("/")[2]
    if what in ("drivers", "details") and row["repo_type"] != "driver":
        raise ApiError(400, {"message": "not a driver repository"})
    arguments = {"driver": ctx.text("driver"), "commit": ctx.text("commit")}
    if what == "details":
        arguments = {name: ctx.required(name) for name in arguments}
    limit = ctx.number("limit", "Int32")
    if not upstream.reachable(row["uri"]):
        raise crash()
    answer = upstream.answer(what, branch=ctx.text("branch") or row["branch"], limit=limit, **arguments)
    if answer is None:
        raise crash()
    return reply(answer)


def remote(ctx: Context) -> Reply:
    """Ask a remote that is not a repository yet."""
    require_admin(ctx)
    url = ctx.required("repository_url")
    if not upstream.reachable(url):
        raise crash()
    what = ctx.path.rstrip("/").rpartition("remote_")[2]
    return reply(upstream.answer(what, branch=ctx.text("branch"), limit=ctx.number("depth", "Int32", 50)))


def unreachable(ctx: Context) -> Reply:
    """The frontend loader is not there."""
    require_admin(ctx)
    raise crash()


def _known(ctx: Context) -> Row:
    require_admin(ctx)
    return require(ctx.tables.repositories, ctx.params["id"])


def _encrypt(row: Row, row_id: str) -> None:
    row["username"] = row["username"] or None
    row["password"] = encrypt(row["password"], row_id, NEVER) if row["password"] else None


def _validate(ctx: Context, row: Row, *, creating: bool = False) -> None:
    problem = MODEL.missing(row)
    if problem:
        raise problem
    failures = [(name, "is required") for name in ("name", "folder_name") if not row[name].strip()]
    if row["folder_name"].strip() and not FOLDER.match(row["folder_name"]):
        failures.append(("folder_name", "is invalid"))
    failures += [(name, "is required") for name in ("uri", "commit_hash") if not row[name].strip()]
    if not settings.URI.match(row["uri"]):
        failures.append(("uri", "is an invalid URI"))
    others = ctx.tables.repositories.find("folder", (row["repo_type"], row["folder_name"].strip().lower()))
    if any(creating or other["id"] != row["id"] for other in others):
        failures.append(("folder_name", "should be unique"))
    if failures:
        raise invalid(*failures)
