# Everyday commands. Each needs Go and nothing else; "lint" installs its pinned tools into bin/.

FUZZTIME ?= 10s

.PHONY: help
help: ## list these tasks
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## the whole program, against a simulator
	go run . demo

.PHONY: test
test: ## every test, without the race detector
	go test ./...

.PHONY: race
race: ## every test, as the README says and CI does
	.ci/run test

.PHONY: clients
clients: ## the embedded queue, against AWS's CLI, boto3 and the SDK for JavaScript
	.ci/run clients

.PHONY: fuzz
fuzz: ## every fuzz test for FUZZTIME (10s)
	@pkgs=$$(go list ./...) || exit 1; \
	for pkg in $$pkgs; do \
		listed=$$(go test -list '^Fuzz' "$$pkg") || { echo "$$listed"; exit 1; }; \
		for name in $$(echo "$$listed" | grep '^Fuzz'); do \
			echo "$$pkg $$name"; \
			go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x "$$pkg" || exit 1; \
		done; \
	done

.PHONY: bench
bench: ## every benchmark
	go test -run '^$$' -bench . -benchmem ./retry/... ./sqsclient/... ./ui/...

.PHONY: measure
measure: ## the screen from outside, in a real terminal: latencies, bytes, CPU, memory
	go build -o bin/rehook .
	go run ./ui/measure -rehook bin/rehook

.PHONY: lint
lint: ## everything that CI checks without running the program
	.ci/run format vet lint fix tidy dead

.PHONY: golden
golden: ## write the screens of the tests anew, to be looked at in the diff
	go test ./ui -update

.PHONY: docs
docs: ## write the generated pages of docs/ anew
	go test ./cmd/config -run '^TestDocumented$$' -update
	go test ./ui -run '^TestKeysAreDocumented$$' -update

.PHONY: pictures
pictures: ## take the pictures of docs/screen.md anew, from the demo
	go test ./cmd -run '^TestPictures$$' -update
