# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# `make` alone lists the targets. Everything is installed into .venv; PYTHON says which Python it is made with.

PYTHON ?= python3
UV_VERSION := 0.13.9

VENV := .venv
BIN := $(VENV)/bin
CONTROLLER := requirements/controller.txt tests/lab/requirements.txt
# lab.txt pins what the lab's own requirements pull in.
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check -c requirements/lab.txt
PARTS := $(BIN)/python tests/tools/run_parts.py

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

# Sub-targets of `make test`; each is one or more parts of tests/tools/run_parts.py.
CHECKS := lint sanity units unit integration conformance package vm molecule

.PHONY: help setup setup-test setup-node demo test $(CHECKS) fuzz bench build docs lock format changelog clean

help: ## List the targets
	@echo "make TARGET, where TARGET is one of"
	@awk -F ':.*## ' '/^[a-z][a-z -]*:.*## / {split($$1, t, " "); for (i in t) printf "  %-12s %s\n", t[i], $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.controller ## Make .venv with what the collection and its lab need
	@echo "Ready: $(BIN)"

setup-test: $(VENV)/.test ## Add what the tests and checks need

setup-node: .build/node/.done ## Add Microsoft's clients for Node.js, which the lab is tried with (optional; needs npm)

.build/node/.done: requirements/node/package.json
	@mkdir -p .build/node && cp requirements/node/package.json .build/node/
	@cd .build/node && npm install --silent --no-audit --no-fund --no-package-lock
	@touch $@

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || \
	  { echo "$(PYTHON) cannot make virtual environments; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@touch $@

$(VENV)/.controller: $(VENV)/.python $(CONTROLLER) requirements/lab.txt
	@echo "Installing what the collection and its lab need into $(VENV)"
	@$(INSTALL) $(addprefix -r ,$(CONTROLLER))
	@touch $@

$(VENV)/.test: $(VENV)/.controller requirements/test.txt
	@echo "Installing what the tests need into $(VENV)"
	@$(INSTALL) $(addprefix -r ,$(CONTROLLER) requirements/test.txt)
	@touch $@

demo: setup ## Set up the demo client on the lab, and prove it (KEEP=1: the lab stays until Ctrl-C)
	@$(BIN)/python tests/demo/run.py $(if $(KEEP),--keep)

test: setup-test ## Run everything that guards the project, with a summary at the end
	@$(PARTS) all

lint: setup-test ## Run ruff, mypy, yamllint, ansible-lint, antsibull and shellcheck
	@$(PARTS) $@

sanity: setup-test ## Run ansible-test sanity
	@$(PARTS) $@

units: setup-test ## Run ansible-test units (tests/unit/plugins), also on a newer Python if there is one
	@$(PARTS) $@

unit: setup-test ## Run the unit tests of the lab and the tools with pytest
	@$(PARTS) $@

integration: setup-test ## Run the modules, roles and playbooks against the lab
	@$(PARTS) $@

conformance: setup-test ## Compare the lab with recordings of the real server
	@$(PARTS) $@

vm: setup-test ## Run the roles for the VM against a real sshd, dockerd and git (root; skipped where they cannot run)
	@$(PARTS) $@

package: setup-test ## Build the collection, install it into an empty folder and run it from there
	@$(PARTS) $@

molecule: setup-test ## Run the Molecule scenarios
	@$(PARTS) $@

fuzz: setup-test ## Look for what the property tests miss: new examples in each run (ROUNDS=5)
	@for round in $$(seq $(or $(ROUNDS),5)); do \
	  FUZZ=1 $(BIN)/python -m pytest -q -n auto -p no:cacheprovider $$(grep -rlE '^@given' tests/unit/plugins) || exit 1; \
	done

bench: setup-test ## Measure; reports numbers, asserts none
	@$(BIN)/python tests/benchmark/run.py $(ARGS)

build: setup ## Build the collection archive in this folder
	@$(BIN)/ansible-galaxy collection build --force

docs: setup-test ## Render the reference of modules and roles to .build/docs
	@$(BIN)/python tests/tools/render_docs.py

format: setup-test ## Format the Python files
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

changelog: setup-test ## Turn the changelog fragments into the changelog of the version in galaxy.yml
	@$(BIN)/antsibull-changelog release

lock: $(VENV)/.python ## Choose new versions for requirements/*.txt (KEEP=1: only what must change)
	@$(BIN)/python -m venv .build/uv && .build/uv/bin/python -m pip install -qq uv==$(UV_VERSION)
	@UV=$(CURDIR)/.build/uv/bin/uv requirements/lock $(if $(KEEP),,--upgrade)

clean: ## Remove everything that was made here, .venv included
	rm -rf .build .ansible $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis tests/output placeos-office365-*.tar.gz
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
