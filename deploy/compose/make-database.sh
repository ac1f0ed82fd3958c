#!/bin/sh
# Run once by the image of PostgreSQL: the three roles and the database, as docs/operators/production.md says.
set -eu
psql -v ON_ERROR_STOP=1 -U postgres -d postgres \
  -v owner="$WINDLASS_OWNER_PASSWORD" -v app="$WINDLASS_APP_PASSWORD" -v system="$WINDLASS_SYSTEM_PASSWORD" <<'SQL'
create role windlass_owner with login bypassrls password :'owner';
create role windlass_app with login nobypassrls password :'app';
create role windlass_system with login nobypassrls password :'system';
alter role windlass_app set transaction_timeout = '5s';
alter role windlass_system set transaction_timeout = '5s';
create database windlass owner windlass_owner template template0 encoding 'UTF8';
revoke all on database windlass from public;
grant connect on database windlass to windlass_app, windlass_system;
SQL
