# Every target makes the environment that it needs from requirements.lock.
# `make` alone lists the targets.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
PYTEST := $(RUN) -m pytest
PYTEST_ARGS ?=
# A requirement that is installed over the lock, such as django<6.
OVER_LOCK ?=
SCREENSHOTS ?= screenshots
# Where parts of these pictures are written that documents show, such as docs/images.
DOCUMENTS ?=
SCRIPTS := .ci/run .ci/debian-packages .ci/jaeger .ci/prometheus3 \
	example_project/entrypoint example_project/deploy/compose/export example_project/deploy/compose/up \
	example_project/deploy/compose/postgres/roles.sh
# Programs that check the files of a deployment; some hundred megabytes, so not among the others.
DEPLOY_VENV := .venv-deploy

.DEFAULT_GOAL := help
.PHONY: help demo stack test test-real screenshots check check-deploy bench docs deploy format lock dist clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

demo: $(VENV)/.synced ## a living network and its /metrics; DEMO_PORT, DEMO_SECONDS
	@$(RUN) -m example_project.demo

stack: $(VENV)/.synced ## all servers without containers, Prometheus and Alertmanager too; STACK_*
	@$(RUN) -m example_project.stack

test: $(VENV)/.synced ## the tests that need no server and no browser (PYTEST_ARGS)
	@$(PYTEST) -m "not real and not deploy" -n auto --maxprocesses 8 $(PYTEST_ARGS)

test-real: $(VENV)/.synced ## the tests with real servers; installs Debian packages (PYTEST_ARGS)
	@bash .ci/debian-packages
	@$(PYTEST) -m real $(PYTEST_ARGS)

screenshots: $(VENV)/.synced ## a picture of each page of the admin, into SCREENSHOTS (screenshots/); DOCUMENTS=docs/images
	@bash .ci/debian-packages
	@SCREENSHOTS="$(SCREENSHOTS)" DOCUMENTS="$(DOCUMENTS)" $(PYTEST) -m real tests/real/test_screens.py tests/real/test_ways_rule.py $(PYTEST_ARGS)

check: $(VENV)/.synced ## style, types, floors, migrations, settings, documents
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports --no-cache
	for script in $(SCRIPTS); do bash -n "$$script" || exit 1; done
	DATABASE=:memory: $(RUN) manage.py makemigrations --check --dry-run
	$(RUN) manage.py monitoring_docs --check
	$(RUN) -m example_project.deploy --check
	@echo "manage.py check --deploy, with the production settings"
	@DJANGO_SETTINGS_MODULE=example_project.settings_production \
		SECRET_KEY="$$($(RUN) -c 'import secrets; print(secrets.token_urlsafe(64))')" \
		MONITORING_SECRET_KEYS="$$($(RUN) -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())')" \
		ALLOWED_HOSTS=monitoring.example \
		$(RUN) manage.py check --deploy --fail-level WARNING

check-deploy: $(VENV)/.synced $(DEPLOY_VENV)/.synced ## the files of a deployment, by the programs that read them (PYTEST_ARGS)
	@DEPLOY_PROGRAMS="$(CURDIR)/$(DEPLOY_VENV)/bin" $(PYTEST) -m deploy tests/deploy $(PYTEST_ARGS)

bench: $(VENV)/.synced ## measure, print the figures, write bench.json
	@$(RUN) -m benchmarks

docs: $(VENV)/.synced ## write the generated pages anew
	@$(RUN) manage.py monitoring_docs

deploy: $(VENV)/.synced ## write what is generated under example_project/deploy anew
	@$(RUN) -m example_project.deploy

format: $(VENV)/.synced ## put the code into its form
	@$(RUN) -m ruff check --fix .
	@$(RUN) -m ruff format .

lock: ## resolve the dependencies anew (needs uv)
	uv pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --upgrade --quiet -o requirements.lock
	uv pip compile pyproject.toml --extra apprise --extra dashboards --extra logs --extra tracing --group deploy --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade --quiet \
		-c requirements.lock -o example_project/deploy/requirements.lock
	uv pip compile --group pyproject.toml:deploy-check --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --upgrade --quiet -o requirements-deploy.lock

dist: $(VENV)/.synced ## build the wheel and the source archive into dist/
	@$(RUN) -m build --no-isolation --outdir dist .

clean: ## remove the environments, caches, build results, and the state of demo and stack
	@# Root's PostgreSQL may have its files elsewhere, behind a link.
	if [ -L .stack/postgresql ]; then rm -rf "$$(readlink .stack/postgresql)"; fi
	rm -rf .venv .venv-* .demo .stack .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.synced: requirements.lock pyproject.toml .ci/environment.py
	@command -v "$(PYTHON)" >/dev/null || { \
		echo "No $(PYTHON) found. Python 3.11 or newer is needed: make PYTHON=/path/to/python" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ": make PYTHON=/path/to/python")'
	@"$(PYTHON)" .ci/environment.py "$(VENV)" $(if $(OVER_LOCK),"$(OVER_LOCK)")

$(DEPLOY_VENV)/.synced: requirements-deploy.lock .ci/environment.py
	@"$(PYTHON)" .ci/environment.py --programs "$(DEPLOY_VENV)" requirements-deploy.lock
