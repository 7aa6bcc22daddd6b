# The verbs. Another site: make deploy SITE=name (infra/sites/name.toml).
SHELL := /bin/bash
SITE ?= box
export SITE
# Set in many container images to keep them small: here it would compile every package at every start of Python.
unexport PYTHONDONTWRITEBYTECODE
BOOTSTRAP := infra/bootstrap
PYTHON := .venv/bin/python

# A site on a cluster has a table [cluster] in its file, and these verbs do for it what they do for a server.
ON_CLUSTER = $(shell grep -qsE '^[[:space:]]*(\[[[:space:]]*)?cluster\b' 'infra/sites/$(SITE).toml' && echo yes)
CLUSTER = $(BOOTSTRAP) cluster && $(PYTHON) -m infra.cluster

.DEFAULT_GOAL := help
.PHONY: help box box-stop box-destroy demo plan deploy password second-factor migrate-projects access-review remove-ended status smoke-test values images images-push test faults mutations upgrade-test gpu-image planted-truths test-cluster bench lint format lock

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

box: ## boot a disposable server, deploy to it, build a base, prove that it works
	@$(BOOTSTRAP) box
	@$(PYTHON) -m infra.box up

box-stop: ## power the disposable server off and keep its disk
	@$(BOOTSTRAP) core
	@$(PYTHON) -m infra.box stop

box-destroy: ## remove the disposable server and all that belongs to it
	@$(BOOTSTRAP) core
	@$(PYTHON) -m infra.box destroy

demo: ## build a base of 10,000 invented patients here: no server, no root
	@$(BOOTSTRAP) core
	@$(PYTHON) -m infra.operate.demo

plan: ## show what a deploy to SITE would change; changes nothing
	@$(if $(ON_CLUSTER),$(CLUSTER) plan,$(BOOTSTRAP) deploy && .venv/bin/pyinfra infra/inventory.py infra/deploy.py --dry --diff)

deploy: ## bring SITE to what its file says (DIRTY=1: also from a checkout that holds what no commit has)
	@$(if $(ON_CLUSTER),$(CLUSTER) deploy,$(BOOTSTRAP) deploy && .venv/bin/pyinfra infra/inventory.py infra/deploy.py -y)

password: ## set a first password of LOGIN on SITE, changed at the next login (GENERATE=1: a random one, shown once)
	@$(if $(LOGIN),,echo "usage: make password LOGIN=name [SITE=name] [GENERATE=1]" >&2; exit 2)
	@$(BOOTSTRAP) deploy && $(PYTHON) -m infra.operate.password '$(LOGIN)' $(if $(GENERATE),--generate)

second-factor: ## say whether LOGIN has a second factor on SITE (RESET=1: take it away, for a lost device)
	@$(if $(LOGIN),,echo "usage: make second-factor LOGIN=name [SITE=name] [RESET=1]" >&2; exit 2)
	@$(BOOTSTRAP) deploy && $(PYTHON) -m infra.operate.second_factor '$(LOGIN)' $(if $(RESET),--reset)

migrate-projects: ## show the projects that give SITE's accounts what their groups gave (WRITE=1: write them)
	@$(BOOTSTRAP) core
	@$(PYTHON) -m infra.operate.migrate_projects $(if $(WRITE),--write)

access-review: ## show who may read what on SITE, until when, and what is past its date (JSON=1, CSV=1)
	@$(BOOTSTRAP) deploy
	@$(PYTHON) -m infra.operate.access_review $(if $(JSON),--json) $(if $(CSV),--csv)

remove-ended: ## remove what projects and memberships left on SITE, long after their end (asks; YES=1 agrees)
	@$(BOOTSTRAP) deploy
	@$(PYTHON) -m infra.operate.remove_ended

status: ## show how SITE is: sessions, disks, builds, certificate; fails when something needs a hand (JSON=1)
	@$(if $(ON_CLUSTER),$(CLUSTER) status,$(BOOTSTRAP) deploy && $(PYTHON) -m infra.operate.status) $(if $(JSON),--json)

smoke-test: ## prove, as a user, an attacker and an operator, that SITE works (PICTURES=1: with pictures)
	@$(BOOTSTRAP) smoke $(if $(ON_CLUSTER),cluster)
	@$(PYTHON) -m tests.smoke

values: ## print what the chart is given for SITE, a site on a cluster (infra/sites/cluster.example.toml)
	@$(CLUSTER) values

images: ## make the images of SITE, a site on a cluster, on a disposable server, which goes again
	@$(BOOTSTRAP) box cluster && $(PYTHON) -m infra.cluster images

images-push: ## send the images to the registry of SITE, a site on a cluster, or write archives for its nodes
	@$(CLUSTER) images-push

test: ## lint, unit tests, and the tests on booted servers where one can boot (ONLY=folder or word, CHANGED=1)
	@$(BOOTSTRAP) test
	@$(PYTHON) -m tests $(if $(ONLY),--only '$(ONLY)') $(if $(CHANGED),--changed)

faults: ## break a disposable server in every way, in every state; print what users saw and what was lost
	@$(BOOTSTRAP) test
	@$(PYTHON) -m tests.server.faults

mutations: ## make one setting wrong at a time on a disposable server; print which test noticed (ONLY=word)
	@$(BOOTSTRAP) test
	@TEST_BOX=$${TEST_BOX:-mutate} $(PYTHON) -m tests.mutations $(if $(ONLY),--only '$(ONLY)')

upgrade-test: ## deploy commit FROM, then TO, then FROM again, under analysts at work (MIGRATION=1)
	@$(BOOTSTRAP) box
	@$(PYTHON) -m tests.upgrade $(if $(FROM),--from '$(FROM)') $(if $(TO),--to '$(TO)') $(if $(MIGRATION),--with-migration)

gpu-image: ## build the image of PyTorch on a disposable server, and test it there (3 GB of packages)
	@$(BOOTSTRAP) test
	@TEST_BOX=$${TEST_BOX:-gpu} $(PYTHON) -m tests.gpu.image

planted-truths: ## build 20 small bases whose truths are known, and check that analyses find each of them again (SEEDS=20)
	@$(BOOTSTRAP) core
	@$(PYTHON) -m tests.planted $(if $(SEEDS),--seeds $(SEEDS))

test-cluster: ## boot a real Kubernetes here, or take that of TEST_KUBECONFIG, and prove what runs on it (KEEP_BOX=1)
	@$(BOOTSTRAP) test
	@$(PYTHON) -m tests.cluster

bench: ## time everything against its floor (ONLY="deploys logins", AGAINST=file, PATIENTS=10000, SIZES=10000,100000)
	@$(BOOTSTRAP) test
	@$(PYTHON) -m tests.bench --only '$(ONLY)' --against '$(AGAINST)' $(if $(PATIENTS),--patients $(PATIENTS)) $(if $(SIZES),--sizes $(SIZES))

lint: ## check style and types
	@$(BOOTSTRAP) core
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy

format: ## format the code
	@$(BOOTSTRAP) core
	@.venv/bin/ruff check --fix --select I . && .venv/bin/ruff format .

lock: ## refresh every lock to the newest versions allowed (KEEP=1: keep the versions there are, add what is new)
	@$(BOOTSTRAP) lock
	@infra/lock
