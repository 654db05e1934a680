/* part.h - the part of an answer that one instance gives: items in the order of their ranks, so that the
 * parts of several instances can be merged without looking into the items.
 *
 *   items   1, rank size (4), rank, item size (4), item
 *   end     0, whether more follow behind the place (1), place size (4), place
 *
 * Sizes are big-endian. The place is the rank up to which everything was looked at; it is there only if
 * more follow. One thread.
 */
#ifndef QUERY_SERVICE_FLEET_PART_H
#define QUERY_SERVICE_FLEET_PART_H

#include <stateful/error.h>

#include "service/json_writer.h"

/* Where a handler writes its items to: a part for another instance, or straight into a reply. */
typedef struct part_writer {
    sf_json_writer *reply; /* NULL: into page */
    sf_buffer *page;
    sf_json_writer item;
    size_t size_at; /* of the item that is open, in the page */
} part_writer;

/* Both are borrowed as long as items are written. */
void part_writer_init(part_writer *writer, sf_buffer *page);
void part_writer_init_reply(part_writer *writer, sf_json_writer *reply);

/* Begins an item, which is one JSON value (or anything, where it is only read by who wrote it). */
sf_json_writer *part_writer_begin(part_writer *writer, sf_bytes rank);
void part_writer_end(part_writer *writer);

/* An item that is there already. */
void part_writer_add(part_writer *writer, sf_bytes rank, sf_bytes item);

/* Ends a part; does nothing to a reply. */
void part_writer_close(part_writer *writer, bool has_more, sf_bytes place);

/* A part being read; its bytes are borrowed. */
typedef struct part_reader {
    sf_bytes left;  /* items that were not read yet */
    bool has_more;  /* behind the place */
    sf_bytes place; /* null: everything was looked at */
} part_reader;

/* Looks through all of it: SF_CORRUPT unless it is a whole part. */
sf_status part_reader_open(part_reader *reader, sf_bytes part, sf_error *err);

/* False at the end. */
bool part_reader_next(part_reader *reader, sf_bytes *rank, sf_bytes *item);

#endif
