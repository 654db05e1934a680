/* journal_groups.h - groups for tools: names and committed offsets, never members. Any thread. */
#ifndef SF_JOURNAL_JOURNAL_GROUPS_H
#define SF_JOURNAL_JOURNAL_GROUPS_H

#include <stateful/broker_group.h>

#include "journal/shared_log.h"

/* As the calls of <stateful/broker_group.h>. */
sf_status sf_journal_list_groups(sf_shared_log *log, sf_group_fn fn, void *user, sf_error *err);
sf_status sf_journal_describe_group(sf_shared_log *log, const char *group,
                                    sf_group_description *description, sf_error *err);
sf_status sf_journal_group_offsets(sf_shared_log *log, const char *group, sf_arena *arena,
                                   const sf_offset **offsets, size_t *count, sf_error *err);
sf_status sf_journal_set_group_offsets(sf_shared_log *log, const char *group,
                                       const sf_offset *offsets, size_t count, sf_error *err);

#endif
