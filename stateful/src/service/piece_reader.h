/* piece_reader.h - reads a streamed body (reply.h) in blocks of the reader's size. One thread. */
#ifndef SF_SERVICE_PIECE_READER_H
#define SF_SERVICE_PIECE_READER_H

#include "base/buffer.h"
#include "service/reply.h"

typedef struct sf_piece_reader {
    sf_reply_source source;
    void *user;
    sf_buffer piece;
    size_t read_size; /* of piece */
    sf_reply_piece last;
} sf_piece_reader;

/* The source is the reader's from now on, and ended by _done. */
void sf_piece_reader_init(sf_piece_reader *reader, const sf_reply_source *source, void *user);
void sf_piece_reader_done(sf_piece_reader *reader);

/* Up to most bytes; 0: the body is at its end, or broken. */
size_t sf_piece_reader_read(sf_piece_reader *reader, char *out, size_t most);

bool sf_piece_reader_is_broken(const sf_piece_reader *reader);

#endif
