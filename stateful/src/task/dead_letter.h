/* dead_letter.h - a record that could not be processed, as it came, with the reasons in its headers,
 * named as Kafka Streams names them (KIP-1034). */
#ifndef SF_TASK_DEAD_LETTER_H
#define SF_TASK_DEAD_LETTER_H

#include <stateful/processor.h>

/* why may not be NULL; node: where it failed, NULL: before any. The result lives in the arena. */
sf_record sf_dead_letter(const sf_record *raw, const sf_origin *origin, const char *node,
                         const sf_error *why, sf_arena *arena);

#endif
