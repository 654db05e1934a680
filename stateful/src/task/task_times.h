/* task_times.h - a task's times as text: what committed offsets carry in their metadata and meta keeps.
 *
 *   "1;" then for each time "<id, 8 hex digits>:<ms, hex>;"     at most 4 KB, see operator_times.h
 */
#ifndef SF_TASK_TASK_TIMES_H
#define SF_TASK_TASK_TIMES_H

#include "base/buffer.h"
#include "topology/operator_times.h"

void sf_task_times_write(const sf_operator_times *times, sf_buffer *text);

/* Takes the larger of what is there and what the text says. NULL and what another version wrote are
 * passed over. */
void sf_task_times_merge(sf_operator_times *times, const char *text);

#endif
