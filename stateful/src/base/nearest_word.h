/* nearest_word.h - what somebody may have meant by a word that is not known. Any thread. */
#ifndef SF_BASE_NEAREST_WORD_H
#define SF_BASE_NEAREST_WORD_H

#include <stddef.h>

/* The word of the list that is nearest to the given one by single letters added, left out, changed or
 * swapped, upper and lower case alike; NULL if none is near (a third of its letters, at least two).
 * Words longer than 63 bytes are near to nothing. */
const char *sf_nearest_word(const char *word, const char *const *words, size_t count);

#endif
