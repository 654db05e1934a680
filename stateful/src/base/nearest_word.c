#include "base/nearest_word.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum {
    LONGEST = 63,
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int letter(const char *word, size_t index)
{
    return tolower((unsigned char)word[index]);
}

static bool are_swapped(const char *a, size_t i, const char *b, size_t j)
{
    return i > 1 && j > 1 && letter(a, i - 1) == letter(b, j - 2) &&
           letter(a, i - 2) == letter(b, j - 1);
}

/* The number of single steps from one word to the other: three rows of the usual table are enough. */
static size_t distance(const char *a, const char *b)
{
    size_t rows[3][LONGEST + 2];
    size_t a_size = strlen(a);
    size_t b_size = strlen(b);

    for (size_t j = 0; j <= b_size; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t *now = rows[i % 3];
        const size_t *before = rows[(i + 2) % 3];
        const size_t *earlier = rows[(i + 1) % 3];

        now[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            now[j] = least(before[j], now[j - 1]) + 1;
            now[j] = least(now[j], before[j - 1] + (letter(a, i - 1) != letter(b, j - 1)));
            if (are_swapped(a, i, b, j))
                now[j] = least(now[j], earlier[j - 2] + 1);
        }
    }
    return rows[a_size % 3][b_size];
}

const char *sf_nearest_word(const char *word, const char *const *words, size_t count)
{
    size_t size = strlen(word);
    size_t limit = size / 3 < 2 ? 2 : size / 3;
    const char *nearest = NULL;

    if (size > LONGEST)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t far;

        if (strlen(words[i]) > LONGEST)
            continue;
        far = distance(word, words[i]);
        if (far > limit || far >= strlen(words[i]))
            continue;
        nearest = words[i];
        if (!far)
            return nearest;
        limit = far - 1;
    }
    return nearest;
}
