#include "support/named_words.h"

#include <stdlib.h>
#include <string.h>

const char *named_word(named_words words, const char *name, const char *otherwise)
{
    size_t size = strlen(name);

    for (int i = 1; i < words.count; i++)
        if (!strncmp(words.words[i], name, size) && words.words[i][size] == '=')
            return words.words[i] + size + 1;
    return otherwise;
}

int64_t named_number(named_words words, const char *name, int64_t otherwise)
{
    const char *text = named_word(words, name, NULL);

    return text ? strtoll(text, NULL, 10) : otherwise;
}

int named_numbers(named_words words, const char *name, const char *otherwise, double *numbers,
                  int most)
{
    const char *text = named_word(words, name, otherwise);
    int count = 0;

    while (*text && count < most) {
        char *end;

        numbers[count++] = strtod(text, &end);
        text = *end ? end + 1 : end;
    }
    return count;
}
