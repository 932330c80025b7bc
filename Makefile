# Everything that is done to this book. `make` alone lists it.

PYTHON := .venv/bin/python
INSTALL := $(PYTHON) -m pip install --quiet --constraint constraints.txt
CORES ?= 2
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
# What a training step frees stays with the process, up to 512 MB: to fetch it again from the system,
# page by page, takes up to a quarter of a step. (Read by glibc alone.)
export MALLOC_MMAP_THRESHOLD_ := 33554432
export MALLOC_TRIM_THRESHOLD_ := 536870912

# An environment is made once, and again when what it is made from changes.
BOOK := .venv/.installed-book
TEST := .venv/.installed-test

FAST_STAGES := format lint types imports sync unit
STAGES := $(FAST_STAGES) notebooks packaging chapters site editions

.DEFAULT_GOAL := help
.PHONY: help book student course-site pdf slides assignment grade otter serve lab authors-lab run sync check
.PHONY: address lock fix test test-fast test-twice frameworks bench clean
.PHONY: tools-for-tests

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | \
		while IFS='|' read -r name text; do printf '  make %-11s %s\n' "$$name" "$$text"; done

book: $(BOOK) ## Build the site; the first time, install what it needs (TORCH=cpu: 5 GB less)
	@$(PYTHON) -m tools.site.build
	@echo "The book: $(CURDIR)/_build/html/index.html"

course-site: $(BOOK) ## Build a site without solutions, for a course, into _build/course
	@$(PYTHON) -m tools.editions.course

pdf: $(TEST) tools-for-tests ## Print the book, or CHAPTER=folder/name, as A4 into _build/pdf
	@$(PYTHON) -m tools.site.build >/dev/null
	@$(PYTHON) -m tools.editions.pdf $(CHAPTER)

slides: book ## Make slides of a chapter: make slides CHAPTER=mathematics/attention
	@$(PYTHON) -m tools.editions.slides $(or $(CHAPTER),$(error say which: make slides CHAPTER=folder/name))

serve: book ## Build the site and show it in a browser
	@$(PYTHON) -m tools.site.serve

lab: $(BOOK) ## Open your own copy of the chapters, my-copy, in JupyterLab; what you change stays
	@$(PYTHON) -m tools.editions.reader
	@JUPYTER_CONFIG_PATH=tools/editions/settings $(PYTHON) -m jupyterlab --notebook-dir=my-copy \
		--LabApp.default_url=/lab/tree/START.ipynb

authors-lab: $(BOOK) ## Open the chapters themselves in JupyterLab, to write in them
	@$(PYTHON) -m jupyterlab --notebook-dir=chapters

student: $(BOOK) ## Make the student's edition: plain notebooks for Colab, JupyterLab, VS Code, GitHub
	@$(PYTHON) -m tools.editions.student

run: $(BOOK) ## Execute, measure and store a chapter: make run CHAPTER=background/multimodal-models
	@$(PYTHON) -m tools.notebooks run $(or $(CHAPTER),$(error say which: make run CHAPTER=folder/name))

sync: $(BOOK) ## Copy package source, results, contents and the address into chapters and pages
	@$(PYTHON) -m tools.notebooks sync

check: $(BOOK) ## Print every problem of the chapters, or of CHAPTER=folder/name
	@$(PYTHON) -m tools.notebooks check $(CHAPTER)

assignment: $(BOOK) ## Write chapters for students, without solutions: make assignment CHAPTER="a/b c/d"
	@$(PYTHON) -m tools.editions.assignment $(or $(CHAPTER),$(error say which: make assignment CHAPTER=folder/name))

grade: $(BOOK) ## Grade what students handed in: make grade FOLDER=submissions [CHAPTER="a/b c/d"]
	@$(PYTHON) -m tools.editions.grading "$(or $(FOLDER),$(error say which: make grade FOLDER=submissions))" \
		$(CHAPTER) $(LIMITS)

otter: $(TEST) ## Write chapters for Otter-Grader and Gradescope: make otter CHAPTER="a/b c/d"
	@$(PYTHON) -m tools.editions.otter $(or $(CHAPTER),$(error say which: make otter CHAPTER=folder/name))

address: ## Say where the repository is: make address REPOSITORY=https://github.com/NAME/REPO
	$(if $(filter undefined,$(origin REPOSITORY)),$(error say REPOSITORY=https://github.com/NAME/REPO, \
		or REPOSITORY= for none))
	@python3 -m tools.address "$$REPOSITORY"

lock: ## Write constraints.txt for the requirements; with UPGRADE=--upgrade, newest versions
	@bash tools/environment.sh
	@bash tools/lock.sh $(UPGRADE)

fix: $(TEST) ## Format the code and mend what the linter can
	@ruff format .
	@ruff check --fix .

test: $(TEST) tools-for-tests ## Run every test (under 40 minutes on two cores)
	@MAKE="$(MAKE)" bash tools/stages.sh $(STAGES)

test-fast: $(TEST) ## Run format, lint, types, imports and unit tests
	@MAKE="$(MAKE)" bash tools/stages.sh $(FAST_STAGES)

test-twice: $(TEST) ## Execute every chapter twice, one run after the other
	@MAKE="$(MAKE)" bash tools/stages.sh chapters chapters

frameworks: $(BOOK) ## Compare one network in five frameworks (3 GB more, in environments of their own)
	@$(PYTHON) -m tools.frameworks

bench: $(TEST) ## Measure the speed of the package
	@$(PYTHON) -m benchmarks.run

clean: ## Remove what was built, but not .venv
	rm -rf _build build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

# The stages of `make test`; each can be run alone, as in `make test-unit`.

PYTEST := OMP_NUM_THREADS=1 $(PYTHON) -m pytest -q -n $(CORES)

test-format: $(TEST)
	@ruff format --check --quiet . || { ruff format --diff --quiet .; exit 1; }

test-lint: $(TEST)
	@ruff check --quiet .

test-types: $(TEST)
	@pyright

test-imports: $(TEST)
	@lint-imports

test-sync: $(TEST)
	@$(PYTHON) -m tools.notebooks sync --check

test-unit: $(TEST)
	@$(PYTEST) tests $(addprefix --ignore=tests/,editions notebooks packaging site)

test-notebooks: $(TEST)
	@$(PYTEST) tests/notebooks

test-packaging: $(TEST) tools-for-tests
	@$(PYTEST) tests/packaging

# Compares what each chapter puts out with what its last run put out, which is stored in it.
test-chapters: $(TEST)
	@timeout 1200 $(PYTHON) -m tools.notebooks validate --processes $(CORES)

test-site: $(TEST) tools-for-tests
	@$(PYTHON) -m tools.site.build
	@$(PYTEST) tests/site

# Tests of one group share what takes long to make, so one process runs them all.
test-editions: $(TEST) tools-for-tests
	@$(PYTHON) -m tools.site.build --if-older
	@$(PYTEST) --dist loadgroup tests/editions

# What the targets above stand on.

$(BOOK): requirements.txt constraints.txt pyproject.toml
	@bash tools/environment.sh
	@bash tools/torch.sh $(TORCH)
	@echo "Installing what the book needs into .venv (once; some minutes)."
	@$(INSTALL) -r requirements.txt -e .
	@$(PYTHON) -c 'import cv2' 2>/dev/null || bash tools/debian.sh libgl1 libglib2.0-0
	@$(PYTHON) -c 'import cv2' || { echo "OpenCV needs libGL and GLib: install them."; exit 1; }
	@touch $@

$(TEST): $(BOOK) requirements-test.txt
	@echo "Installing what the tests need into .venv."
	@$(INSTALL) -r requirements-test.txt
	@touch $@

tools-for-tests: $(TEST)
	@command -v git >/dev/null || bash tools/debian.sh git
	@{ command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null \
		|| bash tools/debian.sh chromium fonts-liberation
	@fc-list :lang=zh 2>/dev/null | grep -q . || bash tools/debian.sh fontconfig fonts-noto-cjk
	@$(PYTHON) -m playwright --version >/dev/null 2>&1 || bash tools/debian.sh libatomic1
