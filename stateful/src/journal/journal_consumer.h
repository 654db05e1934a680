/* journal_consumer.h - the consumer half of the journal as a broker. */
#ifndef SF_JOURNAL_JOURNAL_CONSUMER_H
#define SF_JOURNAL_JOURNAL_CONSUMER_H

#include "broker/broker_implementation.h"
#include "journal/shared_log.h"

/* The consumer borrows the log. Any thread. */
sf_status sf_journal_consumer_new(sf_shared_log *log, const sf_consumer_options *options,
                                  sf_consumer **consumer, sf_error *err);

/* The group of a token made by a journal consumer. */
const char *sf_journal_token_group(const sf_group_token *token);

#endif
