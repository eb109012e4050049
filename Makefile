# Every task that a person runs. `make` alone lists them.
#
#   PYTHON  the Python to build the environments with, 3.11 to 3.13 (for example PYTHON=python3.12)
#   DATA    folder with MNIST's files; else $DIGITLAB_DATA, else it is downloaded
#   IMAGE   picture to read, or to lay under the emulated Pi's camera
#   QUICK   1: `make train` makes a smaller training of what reads, in build/quick, in ten minutes
#   PI      machines: pi@raspberrypi.local, user@host:port, several with commas, or an inventory.toml
#   FLAGS   more for the tasks with PI= and for install, such as FLAGS=--dry-run, and for `make bench` and `make tutorial`;
#           `--help` of `digitlab deploy`, `digitcam bench` and `digitlab tutorial` lists them
#   CAMERA  camera.source of what is deployed or installed, such as v4l2:/dev/video0; `digitcam cameras` lists them there
#   MQTT    likewise mqtt.host, the broker that readings go to
#   FRAMES  how many `make score` and `make sensitivity` render
#   CONDITION  which alone `make score` renders: touching, or "text touching"
#   RELEASE of Debian, for the emulated Pi: trixie (the default) or bookworm
#   TESTS   which of its tests: make test-pi TESTS=tests/pi/test_deploy.py
#   MINUTES how long `make soak` runs
#   KEEP    1 trains with what is there, even where it is out of date
#
# Training writes to build/scenes, build/finder, build/crops and build/train. A step whose parameters, inputs and source
# are what they were is not carried out again; any other is, and says what has changed. make train KEEP=1 goes on with
# what is there.

MINUTES ?= 60
# broken configurations of each kind, and of each kind of picture an eighth of that: ten thousand in all; and as many
# sequences of pages before a camera
EXAMPLES := 2200

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:
.PHONY: help demo read run page bench check deploy rollback status logs undeploy install uninstall dist deb card tutorial \
	train seeds evaluate finder-evaluate report formats render score sensitivity clips baseline soak fuzz fuzz-web watchers \
	screenshots faults-camera tools test lint release-check types test-device test-live test-host test-parity \
	test-deploy test-fleet test-picamera2 test-v4l2 test-pi bench-pi pi-image pi pi-ssh pi-show pi-stop clean

# What a person gives is handed to recipes by the environment: the shell does not read it again, whatever is in it.
export IMAGE PI SOURCE CAMERA MQTT CARD
PYTHON ?= python3
ifdef DATA
export DIGITLAB_DATA := $(DATA)
endif
export PIP_DISABLE_PIP_VERSION_CHECK := 1

DEVICE := .venv-device/.made
HOST := .venv-host/.made
LIVE := .venv-live/.made
PARITY := .venv-parity/.made
DEPLOY := .venv-deploy/.made
INSTALL := .venv-install/.made
DIST := .venv-dist/.made
CAM := .venv-device/bin/digitcam
LAB := .venv-host/bin/digitlab
ON_PI := .venv-deploy/bin/python -m digitlab.deploy
QUICKLY := build/quick
HERE := .venv-install/bin/python -m digitlab.deploy
CHOSEN = $(if $(CAMERA),--camera "$$CAMERA") $(if $(MQTT),--mqtt "$$MQTT")
BASELINE := build/baseline/int8.tflite
RELEASE ?= trixie
KEPT = $(if $(KEEP),--keep)
TESTS ?= tests/pi
EMULATED = PYTHONPATH=scripts .venv-device/bin/python -m pi --release $(RELEASE)

help:
	@echo "make TASK, where TASK is one of:"
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(DEVICE) ## read the shipped clip as if it came from a camera; draws build/demo.png
	@mkdir -p build
	@$(CAM) run --source demo --annotate build/demo.png
	@echo "look at build/demo.png"

read: $(DEVICE) ## read a picture: make read IMAGE=page.jpg
	@test -n "$${IMAGE:-}" || { echo "which picture? make read IMAGE=page.jpg" >&2; exit 2; }
	@$(CAM) read "$$IMAGE"

run: $(DEVICE) ## read from the camera until Ctrl-C
	@$(CAM) run

page: $(LIVE) ## show the live page at http://127.0.0.1:8000/, of the shipped clip or SOURCE=v4l2:/dev/video0
	@DIGITCAM_WEB_ENABLED=true .venv-live/bin/digitcam run --source "$${SOURCE:-loop:demo}"

ifdef PI
bench: $(DEPLOY) ## measure latency, memory and accuracy here, or on PI=; here after `make baseline` also against that
	@$(ON_PI) bench "$$PI" $(FLAGS)
else
bench: $(DEVICE)
	@mkdir -p build/bench
	@$(CAM) bench --save build/bench/$$(date -u +%Y-%m-%dT%H-%M-%SZ).json \
		$(if $(wildcard $(BASELINE)),--compare $(BASELINE)) $(FLAGS)
endif

check: $(DEVICE) ## look at configuration, model, runtime, camera and Coral, and say what is wrong
	@$(CAM) check

deploy: $(DEPLOY) ## put it on a Pi as a service: make deploy PI=pi@raspberrypi.local, or PI=inventory.toml for many
rollback: $(DEPLOY) ## run the release that PI= ran before
status: $(DEPLOY) ## tell how PI= is: release, health, rate, latency, temperature, throttling
logs: $(DEPLOY) ## show what PI= logs; FLAGS=--follow goes on
undeploy: $(DEPLOY) ## take everything off PI= again but what its user made

deploy rollback status logs undeploy:
	@test -n "$${PI:-}" || { echo "which Pi? make $@ PI=pi@raspberrypi.local" >&2; exit 2; }
	@$(ON_PI) $@ "$$PI" $(if $(filter deploy,$@),$(CHOSEN)) $(FLAGS)

install: $(INSTALL) ## put it on this machine as a service, with its page: on the Pi itself
	@$(HERE) install $(CHOSEN) $(FLAGS)

uninstall: $(INSTALL) ## take everything off this machine again but what its user made
	@$(HERE) uninstall $(FLAGS)

dist: $(DIST) ## build sdist and wheel of digitcam and of digitlab, and check them: build/dist
	@packaging/dist.sh .venv-dist/bin build/dist

deb: $(DEPLOY) ## build the Debian package, for every architecture: build/deb
	@packaging/deb.sh .venv-deploy/bin/python build/deb

card: deb ## have a card that Raspberry Pi Imager wrote install it at the first start: make card CARD=/media/me/bootfs
	@test -n "$${CARD:-}" || { echo "which card? make card CARD=/media/$$USER/bootfs, once Raspberry Pi Imager has written it" >&2; exit 2; }
	@packaging/card.sh build/deb/digitcam_*_all.deb "$$CARD"

faults-camera: $(DEVICE) ## measure how soon a camera's faults are noticed, and how soon it is back: 2 minutes
	@.venv-device/bin/python -m tests.device.test_cameras_stream

tutorial: $(HOST) ## train the tutorials' network, convert it, read a picture with it: build/tutorial.html, five minutes
	@$(LAB) tutorial $(if $(IMAGE),--image "$$IMAGE") $(FLAGS)

ifdef QUICK
train: $(HOST)
	@$(LAB) scenes --pool $(QUICKLY)/scenes --count 1000 --held 500
	@$(LAB) crops --pool $(QUICKLY)/scenes --crops $(QUICKLY)/crops --variants 1 --drawn 16000 --scenes 1000 --held 500
	@$(LAB) teach --crops $(QUICKLY)/crops --epochs 2
	@$(LAB) train --crops $(QUICKLY)/crops --out $(QUICKLY)/train --epochs 6
	@$(LAB) quantize --crops $(QUICKLY)/crops --out $(QUICKLY)/train
	@$(LAB) evaluate --out $(QUICKLY)/train
	@$(LAB) publish --out $(QUICKLY)/train --model $(QUICKLY)/digits.tflite
	@$(LAB) report --out $(QUICKLY)/train --model $(QUICKLY)/digits.tflite --finder-out $(QUICKLY)/finder \
		--output $(QUICKLY)/report.html
	@echo "read with it: .venv-device/bin/digitcam read --model $(QUICKLY)/digits.tflite page.jpg"
else
train: $(HOST) ## make both networks again and build/report.html: about two hours on two cores with AMX; goes on where it stopped
	@$(LAB) scenes $(KEPT)
	@$(LAB) finder $(KEPT)
	@$(LAB) finder-quantize $(KEPT)
	@$(LAB) finder-evaluate $(KEPT)
	@$(LAB) finder-publish $(KEPT)
	@$(LAB) crops $(KEPT)
	@$(LAB) teach $(KEPT)
	@$(LAB) train $(KEPT)
	@$(LAB) quantize $(KEPT)
	@$(LAB) evaluate $(KEPT)
	@$(LAB) publish $(KEPT)
	@$(LAB) report
endif

seeds: $(HOST) ## after `make train`: train what reads from two more seeds, and print the mean of the three
	@for seed in 2 3; do \
		$(LAB) train --seed $$seed --out build/seed-$$seed; \
		$(LAB) quantize --out build/seed-$$seed >/dev/null; \
		$(LAB) evaluate --out build/seed-$$seed >/dev/null; \
	done
	@$(LAB) seeds build/train build/seed-2 build/seed-3

evaluate: $(HOST) ## measure the trained variants of the network that reads on MNIST's test set
	@$(LAB) evaluate

finder-evaluate: $(HOST) ## measure the trained finder on scenes that it did not learn from
	@$(LAB) finder-evaluate

report: $(HOST) ## write build/report.html again
	@$(LAB) report

formats: $(DEVICE) ## write docs/formats.md again: what is published
	@.venv-device/bin/python scripts/formats.py

render: $(HOST) ## draw the shipped clip, frames and digits again
	@$(LAB) render device/digitcam/samples

score: $(HOST) ## read 600 rendered frames of every condition: a table, build/score.png and build/score.html
	@$(LAB) score --rendered $(if $(FRAMES),--frames $(FRAMES)) $(if $(CONDITION),--condition $(CONDITION))

sensitivity: $(HOST) ## vary each tuned number of reading by a fifth on rendered frames and clips, and show what that changes
	@$(LAB) sensitivity $(if $(FRAMES),--frames $(FRAMES))

clips: $(HOST) ## measure how soon and how steadily live readings come, on rendered clips
	@$(LAB) clips

soak: $(HOST) $(LIVE) ## run the service at full speed for an hour while things break around it: memory, leaks, latency
	@$(LAB) soak --python .venv-live/bin/python --minutes $(MINUTES)

fuzz: $(DEVICE) fuzz-web ## try ten thousand broken configurations, pictures, requests and page turns; `make test` tries some hundred
	@FUZZ_EXAMPLES=$(EXAMPLES) .venv-device/bin/python -m pytest -q tests/device/test_fuzz.py tests/device/test_track_pages.py

baseline: $(BASELINE) ## build the tutorial's network for `make bench`, untrained: that costs the same

$(BASELINE): $(HOST)
	@$(LAB) baseline --epochs 0

tools: ## as root: install Debian's programs that tests talk to, such as a broker and a browser
	@$(PYTHON) tests/needs.py

test: lint types test-device test-live test-host test-parity test-deploy ## all of the checks and tests below

lint: $(HOST) ## rules, format, which way imports point, and how large modules and packages are
	@mkdir -p build
	@.venv-host/bin/ruff check --quiet .
	@.venv-host/bin/ruff format --quiet --check . || { .venv-host/bin/ruff format --diff --quiet .; exit 1; }
	@PYTHONPATH=device:host .venv-host/bin/lint-imports --no-logo --no-cache >build/imports.log || { cat build/imports.log >&2; exit 1; }
	@$(PYTHON) scripts/rooms.py
	@echo "lint: fine"

release-check: $(DEVICE) ## on a tagged commit: versions, changelog, models' cards and documents agree, all is committed
	@.venv-device/bin/python scripts/release_check.py
	@echo "release-check: fine"

types: $(HOST) ## mypy, strict
	@.venv-host/bin/mypy --python-version $$(.venv-host/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')

test-device: $(DEVICE) ## what runs on the Pi, without TensorFlow installed
	@PATH="$(CURDIR)/.venv-device/bin:$$PATH" .venv-device/bin/python -m pytest -q tests/device

test-live: $(LIVE) ## the outputs that need extras, with a real broker and a real browser where these are: make tools
	@.venv-live/bin/python -m pytest -q tests/live

fuzz-web: $(LIVE) ## thousands of odd requests to the web output's API: make fuzz-web CASES=5000
	@CASES=$(or $(CASES),2000) .venv-live/bin/python -m pytest -q tests/live/test_web_fuzz.py

watchers: $(LIVE) ## measure what none, one and ten open pages cost the loop
	@.venv-live/bin/python -m tests.live.bench_watchers

screenshots: $(LIVE) ## take docs/screenshots again
	@.venv-live/bin/python -m tests.live.screenshots docs/screenshots

test-host: $(HOST) ## what runs on the workstation, with a tiny training of each network
	@PATH="$(CURDIR)/.venv-host/bin:$$PATH" .venv-host/bin/python -m pytest -q tests/host

test-picamera2: ## as root: test the camera adapter with the real picamera2 and libcamera's virtual camera
	@tests/picamera2.sh build/trixie

test-v4l2: ## as root: test the camera adapter with a real V4L2 driver, in a virtual machine
	@tests/v4l2.sh build/trixie build/machine

test-parity: $(HOST) $(DEVICE) $(PARITY) ## both TFLite runtimes read the same
	@.venv-host/bin/python -m pytest -q tests/parity

test-deploy: $(DEPLOY) ## deployment: plans for boards of every kind, what runs on them, the unit
	@.venv-deploy/bin/python -m pytest -q tests/deploy

test-pi: $(DEPLOY) ## on the emulated Pi, which is built first where that was not done: RELEASE=bookworm for that
	@DIGITCAM_PI_RELEASE=$(RELEASE) .venv-deploy/bin/python -m pytest -q $(TESTS) $(FLAGS)

bench-pi: $(DEPLOY) $(BASELINE) ## count there what reading costs, in instructions: benchmarks/cost.md
	@PYTHONPATH=scripts .venv-deploy/bin/python -m pi.bench $(FLAGS)

pi-image: ## build the emulated Pi, where that was not done: `make pi` and `make test-pi` do it themselves
	@PYTHONPATH=scripts $(PYTHON) -m pi.image $(RELEASE)

pi: $(DEVICE) ## start an emulated Raspberry Pi; FRESH=1: with a new disk; OFFLINE=1; CPU=cortex-a76
	@$(EMULATED) start $(if $(FRESH),--fresh) $(if $(OFFLINE),--offline) $(if $(CPU),--cpu $(CPU))

pi-ssh: $(DEVICE) ## a shell on it
	@$(EMULATED) ssh

pi-show: $(DEVICE) ## lay a picture under its camera: make pi-show IMAGE=page.jpg
	@test -n "$${IMAGE:-}" || { echo "which picture? make pi-show IMAGE=page.jpg" >&2; exit 2; }
	@$(EMULATED) show "$$IMAGE"

pi-stop: $(DEVICE) ## shut it down; its disk stays
	@$(EMULATED) stop

test-fleet: $(DEPLOY) ## as root: deploy to three machines at once, containers with systemd and SSH; builds their root once
	@.venv-deploy/bin/python -m pytest -q tests/fleet

clean: ## delete environments and everything that was built
	rm -rf .venv-device .venv-live .venv-host .venv-parity .venv-deploy .venv-install .venv-dist build device/build host/build
	rm -rf .mypy_cache .ruff_cache .pytest_cache
	find device host tests -name __pycache__ -prune -exec rm -rf {} +
	find device host -name '*.egg-info' -prune -exec rm -rf {} +

# The environments: made on demand, and made again when what they are made from changes.

$(DEVICE): device/pyproject.toml pyproject.toml
	@$(call new,.venv-device)
	@$(call install,.venv-device,--editable device --group test)
	@touch $@

# here, since a comma would end an argument of `call`
ALL := device[all,litert]

# Apart from .venv-device, which shows that a bare install works without any extra; with both runtimes, where both install.
$(LIVE): device/pyproject.toml pyproject.toml
	@$(call new,.venv-live)
	@$(call install,.venv-live,--editable "$(ALL)" --group test --group live)
	@touch $@

$(HOST): host/pyproject.toml device/pyproject.toml pyproject.toml
	@$(call new,.venv-host)
	@$(call install,.venv-host,--editable "device[all]" --editable host --group lint --group test --group live \
		--group host/pyproject.toml:deploy --group host/pyproject.toml:jax)
	@touch $@

# What deploys, without what trains.
$(DEPLOY): host/pyproject.toml device/pyproject.toml pyproject.toml
	@$(call new,.venv-deploy)
	@$(call install,.venv-deploy,--editable device --group test --group host/pyproject.toml:deploy)
	@$(call install,.venv-deploy,--no-deps --editable host)
	@touch $@

# What installs on this machine, without what is installed: that gets an environment of its own. On a Pi, compiling what is
# never imported and an environment for each build would take longer than all the rest.
$(INSTALL): host/pyproject.toml device/pyproject.toml
	@$(call new,.venv-install)
	@$(call install,.venv-install,--no-compile --group host/pyproject.toml:deploy "setuptools>=77")
	@$(call install,.venv-install,--no-compile --no-deps --no-build-isolation --editable device --editable host)
	@touch $@

$(DIST): pyproject.toml
	@$(call new,.venv-dist)
	@$(call install,.venv-dist,--group dist)
	@touch $@

# The runtime that .venv-device does not have: LiteRT up to Python 3.11. tflite-runtime does not install on a later
# one; the environment then stays empty, and the tests say so.
$(PARITY): device/pyproject.toml
	@if "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info >= (3, 12))'; then \
		$(call new,.venv-parity); \
		$(call install,.venv-parity,ai-edge-litert numpy opencv-python-headless pillow msgspec); \
		$(call install,.venv-parity,--no-deps --editable device); \
	else \
		rm -rf .venv-parity; mkdir .venv-parity; \
	fi
	@touch $@

define new
echo "making $(1) ..."; \
"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	|| { echo "$(PYTHON) is $$("$(PYTHON)" -V 2>&1); Python 3.11 to 3.13 is needed: make PYTHON=python3.13" >&2; exit 1; }; \
"$(PYTHON)" -m venv --clear $(1); \
$(call install,$(1),"pip>=25.1")
endef

# pip 25.1 is the first with --group. What pip and its builds say is of interest only where they fail.
install = $(1)/bin/pip install --quiet $(2) >$(1)/pip.log 2>&1 || { cat $(1)/pip.log >&2; exit 1; }
