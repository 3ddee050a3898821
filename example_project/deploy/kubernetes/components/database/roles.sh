#!/bin/bash
# Runs once, in an empty volume: the app's database, the platform's, and who may do what there.
# The app reads the platform and can write nothing in it.
set -euo pipefail

export SECRETS=${SECRETS:-/run/secrets}

# psql reads the files itself: no password stands in a command line.
psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\set monitoring `cat "$SECRETS/database-password"`
\set platform `cat "$SECRETS/platform-password"`
\set reader `cat "$SECRETS/platform-reader-password"`
CREATE ROLE monitoring LOGIN PASSWORD :'monitoring';
CREATE ROLE platform LOGIN PASSWORD :'platform';
CREATE ROLE platform_reader LOGIN PASSWORD :'reader';
CREATE DATABASE monitoring OWNER monitoring;
CREATE DATABASE platform OWNER platform;
REVOKE CONNECT ON DATABASE monitoring, platform FROM PUBLIC;
GRANT CONNECT ON DATABASE platform TO platform_reader;
\connect platform
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO platform;
GRANT USAGE ON SCHEMA public TO platform_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE platform IN SCHEMA public GRANT SELECT ON TABLES TO platform_reader;
SQL
