# The life of a private PostgreSQL server, from its making to its removal.
#   sh -c … name FOLDER PROGRAMS PORT
# FOLDER exists, is ours, and holds `password` and `settings`. Says "ready" and serves until standard input ends,
# which it does when the process that holds the other end is gone, whether it returned, panicked or was killed. One
# script does it all, so there is no moment in which a server or a folder has nobody to remove it.
set -eu
folder=$1 programs=$2 port=$3

# A test process that dies while the server starts leaves pipes that nobody reads: go on and clean up. The keyboard's
# signals are for the test process.
trap '' PIPE INT HUP

remove() {
    "$programs/pg_ctl" --pgdata="$folder/data" --mode=immediate --silent stop >"$folder/stop" 2>&1 || true
    cd /
    rm -rf "$folder"
}
trap remove EXIT
trap 'exit 1' TERM

# `password` sends it in clear, on loopback only: SCRAM in an unoptimized test costs tens of milliseconds a connection.
"$programs/initdb" --pgdata="$folder/data" --username=minqing --pwfile="$folder/password" --auth=password \
    --encoding=UTF8 --no-locale --no-sync >"$folder/log"
cat "$folder/settings" >>"$folder/data/postgresql.conf"
echo "port = $port" >>"$folder/data/postgresql.conf"
"$programs/pg_ctl" --pgdata="$folder/data" --log="$folder/log" --wait --timeout=60 start >"$folder/start" 2>&1 || {
    cat "$folder/start" "$folder/log" >&2
    exit 1
}
echo ready
cat >/dev/null
