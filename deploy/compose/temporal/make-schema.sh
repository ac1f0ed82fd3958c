#!/bin/sh
# Temporal's two databases, brought to the shape of this version. May be repeated.
set -eu
for name in temporal visibility; do
  db=temporal
  [ "$name" = temporal ] || db=temporal_visibility
  tool="temporal-sql-tool --plugin postgres12 --ep temporal-postgres -p 5432 -u temporal --db $db"
  $tool create || true # it stands already
  $tool setup-schema -v 0.0 || true
  $tool update-schema -d "/etc/temporal/schema/postgresql/v12/$name/versioned"
done
