/* delivery_reports.h - what a producer has to tell of its records: refused ones, written ones once
 * they are durable, and the first failure, for the next flush. The producer's thread.
 *
 * While it tells, it holds nothing of itself: a callback may send again.
 */
#ifndef SF_JOURNAL_DELIVERY_REPORTS_H
#define SF_JOURNAL_DELIVERY_REPORTS_H

#include "journal/outbox.h"

typedef struct sf_refused_record sf_refused_record;

typedef struct sf_delivery_reports {
    void (*on_delivery)(void *user, const sf_delivery *delivery); /* may be NULL */
    void *user;
    sf_error failure; /* the first, if its status is not SF_OK */
    sf_refused_record *refused;
    size_t refused_count;
    sf_outbox_deliveries written; /* in the log, maybe not durable yet */
    sf_outbox_deliveries ends;    /* of partitions, likewise */
} sf_delivery_reports;

void sf_delivery_reports_done(sf_delivery_reports *reports);

/* A record that was not taken and never will be. Told by _tell_refused, or forgotten. */
void sf_delivery_reports_refuse(sf_delivery_reports *reports, const sf_journal_topic *topic,
                                const sf_outgoing *outgoing, const sf_error *why);
void sf_delivery_reports_tell_refused(sf_delivery_reports *reports);
void sf_delivery_reports_forget_refused(sf_delivery_reports *reports);

/* What was written is durable, or why says why not. */
void sf_delivery_reports_tell_written(sf_delivery_reports *reports, const sf_error *why);

/* SF_OK, or the first failure. */
sf_status sf_delivery_reports_status(const sf_delivery_reports *reports, sf_error *err);
void sf_delivery_reports_forget_failure(sf_delivery_reports *reports);

#endif
