/* outbox_marks.h - what is noted of a batch that was sent, as calls of outbox_statements.h. One thread. */
#ifndef COMMAND_SERVICE_OUTBOX_MARKS_H
#define COMMAND_SERVICE_OUTBOX_MARKS_H

#include "base/buffer.h"
#include "outbox.h"
#include "postgres.h"

enum { OUTBOX_MARKS_MAX = 4, OUTBOX_MARK_ARRAYS = 12 };

typedef struct outbox_marks {
    postgres_call calls[OUTBOX_MARKS_MAX];
    size_t count;
    sf_buffer arrays[OUTBOX_MARK_ARRAYS]; /* the values, all calls' */
    const char *values[OUTBOX_MARK_ARRAYS];
} outbox_marks;

/* Makes the calls; none when nothing became of the batch. Their values live until _done. */
void outbox_marks_make(outbox_marks *marks, const outbox_batch *batch);
void outbox_marks_done(outbox_marks *marks);

#endif
