/* ledger_topology.h - what the ledger process computes: all of it can be computed again from the committed
 * inputs, which tests/broker/ledger_check.py does without this library.
 *
 * Keys and values are texts on the wire, numbers in decimal.
 *
 *   numbers  -> echo                 each record as it is
 *            -> running              each change of the store "running": "sum count min max" of a key
 *            -> (store "windows")    how many of a key in each 10 s, cached -> windowed, key "key@start"
 *            -> (repartition "by-digit") -> (store "digits") how many end in each digit -> digits
 *   prices   -> (table "prices") joined with "running" -> joined: "sum*price"
 *   ticks    -> nothing; wall-clock punctuations of its tasks count in the store "ticks" -> ticked, if asked for
 */
#ifndef TESTS_SUPPORT_LEDGER_TOPOLOGY_H
#define TESTS_SUPPORT_LEDGER_TOPOLOGY_H

#include <stdint.h>

#include <stateful/error.h>
#include <stateful/topology.h>

enum { LEDGER_WINDOW_MS = 10000 };

/* ticks_ms: how often each task of "ticks" ticks; 0: that part is left out. */
sf_status ledger_topology_new(int64_t ticks_ms, sf_topology **topology, sf_error *err);

#endif
