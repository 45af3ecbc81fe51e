# Says in plain words what this machine lacks to work on Strata, and how to get it. Exits 1 when something needed is missing.
set -u
missing=0

ok() { printf '  ok       %s\n' "$1"; }
need() { printf '  MISSING  %s\n           %s\n' "$1" "$2"; missing=1; }
hint() { printf '  later    %s\n           %s\n' "$1" "$2"; }

# at_least MAJOR.MINOR FOUND
at_least() {
	[ "${2%%.*}" -gt "${1%%.*}" ] && return 0
	[ "${2%%.*}" -eq "${1%%.*}" ] || return 1
	rest=${2#*.}
	rest=${rest%%[!0-9]*} # 1.27rc1 is 1.27
	[ "$rest" -ge "${1#*.}" ]
}

echo "Needed for everything:"
if ! command -v go >/dev/null 2>&1; then
	need "Go 1.26 or later" "Install it from https://go.dev/dl and put its bin folder on PATH."
else
	version=$(go env GOVERSION) version=${version#go}
	if at_least 1.26 "$version"; then ok "Go $version"; else need "Go 1.26 or later, found $version" "Install it from https://go.dev/dl."; fi
fi
if ! command -v npm >/dev/null 2>&1; then
	need "npm, to install the pinned Node.js and CDK command line" "Install Node.js with npm from https://nodejs.org."
elif [ -e node_modules/.stamp ]; then
	ok "Node.js $(node_modules/.bin/node --version) and CDK $(node_modules/.bin/cdk --version), pinned, in node_modules"
else
	ok "npm $(npm --version 2>/dev/null)"
	hint "the pinned Node.js and CDK command line are not installed yet" "Run make tools, or any other target: each installs what it needs."
fi
if [ "$missing" -eq 0 ] && [ -e node_modules/.stamp ]; then
	if JSII_NODE="$PWD/node_modules/.bin/node" go run ./cmd/jsiiprime -check 2>/dev/null; then
		ok "jsii's type index is there: synth starts fast"
	else
		hint "jsii's type index is missing: every synth takes about three times as long" "Run make prime, once."
	fi
fi

echo "Needed for make deploy-local, and for the whole of make test:"
if ! command -v python3 >/dev/null 2>&1; then
	need "Python 3.10 or later" "Install it from https://www.python.org or your system's packages (python3, python3-venv)."
else
	version=$(python3 -c 'import platform; print(platform.python_version())')
	if ! at_least 3.10 "$version"; then
		need "Python 3.10 or later, found $version" "Install it from https://www.python.org."
	elif ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
		need "Python's venv module" "Install it from your system's packages (python3-venv)."
	elif [ -e .venv/.stamp ]; then
		ok "Python $version, with the emulator and cfn-lint in .venv"
	else
		ok "Python $version"
		hint "the emulator and cfn-lint are not installed yet" "Run make python, or make deploy-local, or make test."
	fi
fi

echo "Needed for make deploy (a real account) only:"
if [ -n "${AWS_ACCESS_KEY_ID:-}${AWS_PROFILE:-}" ] || [ -e "${AWS_SHARED_CREDENTIALS_FILE:-$HOME/.aws/credentials}" ] || [ -e "${AWS_CONFIG_FILE:-$HOME/.aws/config}" ]; then
	ok "AWS credentials seem to be set up; make deploy checks them"
else
	hint "no AWS credentials found" "Run aws configure or aws sso login, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
fi
exit "$missing"
