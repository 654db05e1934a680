#include "outbox_marks.h"

#include "outbox_statements.h"
#include "text_array.h"

/* Which array is which value of which call. */
enum {
    OFF_POSITIONS,
    OFF_COUNTS,
    KEPT_POSITIONS,
    KEPT_COUNTS,
    KEPT_EVENTS,
    NOTED_EVENTS,
    NOTED_PARTITIONS,
    NOTED_OFFSETS,
    STOPPED_EVENTS,
    STOPPED_TYPES,
    STOPPED_AGGREGATES,
    STOPPED_FAILURES,
};

static void add_number(outbox_marks *marks, int array, int64_t number)
{
    sf_buffer *text = &marks->arrays[array];

    sf_buffer_printf(text, "%s%lld", text->size ? "," : "{", (long long)number);
}

static void add_published(outbox_marks *marks, const outbox_row *row)
{
    add_number(marks, NOTED_EVENTS, row->id);
    add_number(marks, NOTED_PARTITIONS, row->partition);
    add_number(marks, NOTED_OFFSETS, row->offset);
}

static void add_stopped(outbox_marks *marks, const outbox_row *row)
{
    add_number(marks, STOPPED_EVENTS, row->id);
    text_array_add(&marks->arrays[STOPPED_TYPES], row->event.aggregate_type);
    add_number(marks, STOPPED_AGGREGATES, row->event.aggregate_id);
    text_array_add(&marks->arrays[STOPPED_FAILURES],
                   row->state == OUTBOX_FAILED ? row->failure : NULL);
}

static size_t count_pending(const outbox_row *rows, size_t count)
{
    size_t pending = 0;

    for (size_t i = 0; i < count; i++)
        pending += rows[i].state == OUTBOX_PENDING;
    return pending;
}

static void add_kept(outbox_marks *marks, const outbox_entry *entry, const outbox_row *rows)
{
    for (size_t i = 0; i < entry->count; i++) {
        if (rows[i].state != OUTBOX_PENDING)
            continue;
        add_number(marks, KEPT_POSITIONS, entry->position);
        add_number(marks, KEPT_COUNTS, entry->events);
        add_number(marks, KEPT_EVENTS, rows[i].id);
    }
}

static void add_entry(outbox_marks *marks, const outbox_entry *entry, const outbox_row *rows)
{
    size_t pending = count_pending(rows, entry->count);

    if (!pending) {
        add_number(marks, OFF_POSITIONS, entry->position);
        add_number(marks, OFF_COUNTS, entry->events);
    } else if (pending < entry->count) {
        add_kept(marks, entry, rows);
    }
}

/* A call with the arrays from first on; none if they are empty. */
static void add_call(outbox_marks *marks, size_t statement, int first, int count)
{
    if (!marks->arrays[first].size)
        return;
    for (int i = first; i < first + count; i++) {
        sf_buffer_add_text(&marks->arrays[i], "}");
        marks->values[i] = sf_buffer_text(&marks->arrays[i]);
    }
    marks->calls[marks->count++] = (postgres_call){
        .statement = statement,
        .values = &marks->values[first],
        .value_count = count,
    };
}

void outbox_marks_make(outbox_marks *marks, const outbox_batch *batch)
{
    *marks = (outbox_marks){.count = 0};
    for (size_t i = 0; i < batch->entry_count; i++)
        add_entry(marks, &batch->entries[i], &batch->rows[batch->entries[i].first]);
    for (size_t i = 0; i < batch->count; i++) {
        const outbox_row *row = &batch->rows[i];

        if (row->state == OUTBOX_PUBLISHED)
            add_published(marks, row);
        else if (row->state == OUTBOX_FAILED || row->state == OUTBOX_HELD)
            add_stopped(marks, row);
    }
    add_call(marks, OUTBOX_TAKE_OFF, OFF_POSITIONS, 2);
    add_call(marks, OUTBOX_KEEP, KEPT_POSITIONS, 3);
    add_call(marks, OUTBOX_NOTE, NOTED_EVENTS, 3);
    add_call(marks, OUTBOX_STOP, STOPPED_EVENTS, 4);
}

void outbox_marks_done(outbox_marks *marks)
{
    for (int i = 0; i < OUTBOX_MARK_ARRAYS; i++)
        sf_buffer_done(&marks->arrays[i]);
}
