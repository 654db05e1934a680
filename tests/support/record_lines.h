/* record_lines.h - records as lines of text, for programs that compare what several clients see:
 *
 *   partition TAB offset TAB timestamp TAB key TAB value TAB headers
 *
 * Keys and values are hexadecimal, '-' is null. A header is name=value, several are parted by ';'.
 * tests/broker/Interop.java reads and writes the same.
 */
#ifndef TESTS_SUPPORT_RECORD_LINES_H
#define TESTS_SUPPORT_RECORD_LINES_H

#include <stdio.h>

#include <stateful/record.h>

/* What one line says. */
typedef struct record_line {
    int32_t partition; /* -1: by key */
    int64_t offset;
    sf_record record;
} record_line;

/* Reads the next line into the arena; false at the end. Ends the program over a line that is none. */
bool record_line_read(FILE *file, sf_arena *arena, record_line *line);

void record_line_print(FILE *file, const record_line *line);

/* Bytes as they stand in a line, and back, in the arena. */
sf_bytes record_line_bytes(const char *text, sf_arena *arena);
void record_line_print_bytes(FILE *file, sf_bytes bytes);

#endif
