#!/bin/sh
# walkthrough.sh - the calls of the README, one after the other: each is printed, and its answer below it.
# For a fresh system, such as `make run` gives: the ids are those of the first product and order.
#
#   COMMAND_URL, QUERY_URL   where the services are (localhost:8080, localhost:8081)
#   HOURS                    another range than that of the README, as start=…&end=…
#
# What is read is asked for until the sale is there (10 s): the read side follows by some milliseconds.
set -eu

as_here() {
    printf '%s\n' "$1" | sed -e "s|localhost:8080|${COMMAND_URL:-localhost:8080}|" \
        -e "s|localhost:8081|${QUERY_URL:-localhost:8081}|" -e 's|^curl |curl -sS --fail-with-body |' \
        -e "s|start=2026-02-27T09:00:00Z&end=2026-02-27T12:00:00Z|$(printf '%s' "${HOURS:-&}" | sed 's/&/\\&/g')|"
}

# Writes are answered at once; of reads the answer that knows the sale, or of a time when nothing was sold.
is_answer() {
    case "$1 $2" in
    *localhost:8080*) return 0 ;;
    *hourly-sales*' []') [ -z "${HOURS:-}" ] ;;
    *1000.0*) return 0 ;;
    *) return 1 ;;
    esac
}

while read -r call; do
    echo "$call"
    command=$(as_here "$call")
    tries=0
    while :; do
        body=$(eval "$command") || { echo "$body"; exit 1; }
        is_answer "$call" "$body" && break
        tries=$((tries + 1))
        [ $tries -lt 100 ] || { echo "$body"; echo "walkthrough: the sale is not seen after 10 s" >&2; exit 1; }
        sleep 0.1
    done
    echo "$body"
done << 'CALLS'
curl -X POST localhost:8080/api/products -H 'Content-Type: application/json' -d '{"name":"Laptop","category":"Electronics","price":500.0}'
curl -X POST localhost:8080/api/orders -H 'Content-Type: application/json' -d '{"customerId":1,"items":[{"productId":1,"quantity":2,"price":500.0}]}'
curl -X PUT localhost:8080/api/orders/1/status -H 'Content-Type: application/json' -d '{"status":"SHIPPED"}'
curl localhost:8081/api/analytics/products/1/sales
curl localhost:8081/api/analytics/categories/Electronics/revenue
curl 'localhost:8081/api/analytics/hourly-sales?start=2026-02-27T09:00:00Z&end=2026-02-27T12:00:00Z'
CALLS
