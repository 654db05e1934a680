/* journal_topics.h - topics are made, deleted and cut: each a fact in the log. Any thread. */
#ifndef SF_JOURNAL_JOURNAL_TOPICS_H
#define SF_JOURNAL_JOURNAL_TOPICS_H

#include <stateful/broker.h>

#include "journal/shared_log.h"

/* As the calls of <stateful/broker.h>; all that are made are made in one frame. */
void sf_journal_create_topics(sf_shared_log *log, const sf_topic_spec *specs, size_t count,
                              sf_topic_outcome *outcomes);
sf_status sf_journal_delete_topic(sf_shared_log *log, const char *topic, sf_error *err);
sf_status sf_journal_delete_records(sf_shared_log *log, const char *topic, int32_t partition,
                                    int64_t below_offset, sf_error *err);

#endif
