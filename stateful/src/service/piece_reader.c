#include "service/piece_reader.h"

#include <string.h>

void sf_piece_reader_init(sf_piece_reader *reader, const sf_reply_source *source, void *user)
{
    *reader = (sf_piece_reader){.source = *source, .user = user, .last = SF_REPLY_MORE};
}

void sf_piece_reader_done(sf_piece_reader *reader)
{
    if (reader->source.end)
        reader->source.end(reader->user);
    sf_buffer_done(&reader->piece);
}

bool sf_piece_reader_is_broken(const sf_piece_reader *reader)
{
    return reader->last == SF_REPLY_BROKEN;
}

static bool is_used_up(const sf_piece_reader *reader)
{
    return reader->read_size == reader->piece.size;
}

size_t sf_piece_reader_read(sf_piece_reader *reader, char *out, size_t most)
{
    size_t size;

    while (is_used_up(reader) && reader->last == SF_REPLY_MORE) {
        sf_buffer_clear(&reader->piece);
        reader->read_size = 0;
        reader->last = reader->source.next(reader->user, &reader->piece);
    }
    if (sf_piece_reader_is_broken(reader))
        return 0;
    size = reader->piece.size - reader->read_size;
    size = size < most ? size : most;
    if (size)
        memcpy(out, reader->piece.data + reader->read_size, size);
    reader->read_size += size;
    return size;
}
