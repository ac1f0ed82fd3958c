#!/bin/sh
# Prints the secrets of a new installation, once: sh deploy/compose/make-env.sh > .env
# Back up WINDLASS_MASTER_KEY apart from the data: without it no credential can be read again.
set -eu
umask 077
random() { head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'; }
for name in POSTGRES_PASSWORD WINDLASS_OWNER_PASSWORD WINDLASS_APP_PASSWORD WINDLASS_SYSTEM_PASSWORD TEMPORAL_DB_PASSWORD GRAFANA_PASSWORD; do
  echo "$name=$(random)"
done
echo "WINDLASS_MASTER_KEY=$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')"
echo 'WINDLASS_PUBLIC_URL=http://localhost:8080'
