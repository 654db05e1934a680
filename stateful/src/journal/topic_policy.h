/* topic_policy.h - what a topic's settings say of how long its records are kept. Any thread. */
#ifndef SF_JOURNAL_TOPIC_POLICY_H
#define SF_JOURNAL_TOPIC_POLICY_H

#include <stateful/broker.h>

#include "journal/catalog.h"

typedef struct sf_topic_policy {
    bool is_compacted;           /* cleanup.policy has compact: of each key the newest stays */
    int64_t retention_ms;        /* retention.ms, if cleanup.policy has delete; -1: for ever */
    int64_t retention_bytes;     /* retention.bytes of a partition, likewise; -1: any number */
    int64_t delete_retention_ms; /* delete.retention.ms: deletions of keys stay so long */
    int64_t compaction_lag_ms;   /* min.compaction.lag.ms: nothing is compacted before */
} sf_topic_policy;

/* Fails where a setting that matters here has no sense: the message names it. */
sf_status sf_topic_policy_check(const sf_topic_spec *spec, sf_error *err);

/* Of a topic that was checked when it was made. */
sf_topic_policy sf_topic_policy_of(const sf_journal_topic *topic);

#endif
