/* named_words.h - a program's arguments as name=value, in any order. */
#ifndef TESTS_SUPPORT_NAMED_WORDS_H
#define TESTS_SUPPORT_NAMED_WORDS_H

#include <stdint.h>

/* main's own; borrowed. */
typedef struct named_words {
    int count;
    char **words;
} named_words;

const char *named_word(named_words words, const char *name, const char *otherwise);
int64_t named_number(named_words words, const char *name, int64_t otherwise);

/* Numbers between commas; returns how many, at most most. */
int named_numbers(named_words words, const char *name, const char *otherwise, double *numbers,
                  int most);

#endif
