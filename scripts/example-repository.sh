#!/bin/sh
# A repository with one change to a firewall, as docs/pull-requests.md tells it: sh scripts/example-repository.sh FOLDER
set -eu
source=$(CDPATH='' cd "$(dirname "$0")/../rules-fixtures/intents" && pwd)
mkdir -p "$1"
cd "$1"
commit() {
  git add .
  git -c user.name=dfwlint -c user.email=dfwlint@example.com -c commit.gpgsign=false commit --quiet -m "$1"
}
git init --quiet --initial-branch=main
cp "$source"/before/*.txt .
printf '*.txt diff=dfwlint\n' > .gitattributes
commit "Dumps of March 1"
git checkout --quiet -b archive
cp "$source"/after/*.txt "$source"/intent.yaml .
commit "The portal stores documents in the archive"
