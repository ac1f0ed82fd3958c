#!/bin/sh
# The namespace and the search attributes of our runs: an undeclared one stalls workflows. May be repeated.
set -eu
temporal operator namespace describe -n default >/dev/null 2>&1 || temporal operator namespace create -n default --retention 30d
there=$(temporal operator search-attribute list -n default)
for name in WindlassWorkspace WindlassKind WindlassSubject WindlassActor; do
  case $there in *"$name"*) ;; *) temporal operator search-attribute create -n default --name "$name" --type Keyword ;; esac
done
