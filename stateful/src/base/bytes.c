#include <stateful/bytes.h>

#include <string.h>

const sf_bytes SF_NULL = {NULL, 0};

sf_bytes sf_bytes_text(const char *text)
{
    return text ? sf_bytes_of(text, strlen(text)) : SF_NULL;
}

bool sf_bytes_equal(sf_bytes a, sf_bytes b)
{
    if (!a.data || !b.data)
        return a.data == b.data;
    return a.size == b.size && !memcmp(a.data, b.data, a.size);
}

int sf_bytes_compare(sf_bytes a, sf_bytes b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order;

    if (!a.data || !b.data)
        return (a.data != NULL) - (b.data != NULL);
    order = common ? memcmp(a.data, b.data, common) : 0;
    return order ? order : (a.size > b.size) - (a.size < b.size);
}
