/* outbound.h - sends records one by one, retrying while the broker is away; for commands that write. One
 * thread. */
#ifndef STATEFUL_CLI_OUTBOUND_H
#define STATEFUL_CLI_OUTBOUND_H

#include "command.h"

typedef struct outbound outbound;

/* transactional_id: NULL: every record counts at once. */
sf_status outbound_open(const command_call *call, const char *transactional_id, outbound **out,
                        sf_error *err);
void outbound_close(outbound *out); /* what is not flushed or committed may be lost; NULL is fine */

/* partition: or SF_PARTITION_BY_KEY. The record is copied. */
sf_status outbound_send(outbound *out, const char *topic, int32_t partition,
                        const sf_record *record, sf_error *err);

/* Returns when all is in the log. */
sf_status outbound_flush(outbound *out, sf_error *err);

/* With a transactional id: nothing counts before the commit, which puts the group's offsets in too. */
sf_status outbound_begin(outbound *out, sf_error *err);
sf_status outbound_commit(outbound *out, const sf_offset *offsets, size_t count,
                          const sf_group_token *token, sf_error *err);

#endif
