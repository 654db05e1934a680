#include "store/state_directory.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"

#define LONGEST_ID 48 /* it becomes part of member and transactional ids */

char *sf_instance_id_draw(void)
{
    return sf_text_printf("%016llx", (unsigned long long)sf_random_seed_from_system());
}

static bool is_usable_id(const char *id)
{
    size_t length = strlen(id);

    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)id[i]) && !strchr("._-", id[i]))
            return false;
    return length > 0 && length <= LONGEST_ID;
}

static sf_status make_id(const char *path, char **id, sf_error *err)
{
    char *drawn = sf_instance_id_draw();
    char *line = sf_text_printf("%s\n", drawn);
    sf_status status = sf_file_replace(path, sf_bytes_text(line), err);

    free(line);
    if (status)
        free(drawn);
    else
        *id = drawn;
    return status;
}

static sf_status read_id(const char *path, char **id, sf_error *err)
{
    sf_buffer text = SF_BUFFER_EMPTY;
    sf_status status = sf_file_read(path, &text, err);

    while (text.size > 0 && isspace(text.data[text.size - 1]))
        text.size--;
    if (!status && !is_usable_id(sf_buffer_text(&text)))
        status = sf_fail(err, SF_CORRUPT,
                         "%s does not hold an id of up to %d letters, digits, dots, dashes; "
                         "put one there, or remove the file to have one made",
                         path, LONGEST_ID);
    if (!status)
        *id = sf_buffer_detach(&text);
    sf_buffer_done(&text);
    return status;
}

static sf_status find_id(sf_state_directory *directory, sf_error *err)
{
    char *path = sf_text_printf("%s/instance.id", directory->path);
    sf_status status;

    if (access(path, F_OK) == 0)
        status = read_id(path, &directory->instance_id, err);
    else
        status = make_id(path, &directory->instance_id, err);
    free(path);
    return status;
}

static sf_status take_lock(sf_state_directory *directory, sf_error *err)
{
    char *path = sf_text_printf("%s/lock", directory->path);
    sf_error why = {0};
    sf_status status = sf_file_lock(path, &directory->lock, &why);

    free(path);
    if (status && why.code == SF_BUSY)
        return sf_fail(err, SF_BUSY,
                       "state directory %s is in use by another process; stop that one, or give "
                       "this instance a state directory of its own",
                       directory->path);
    if (status)
        return sf_fail(err, why.code, "state directory %s cannot be used: %s", directory->path,
                       why.text);
    return SF_OK;
}

sf_status sf_state_directory_open(sf_state_directory *directory, const char *path, sf_error *err)
{
    sf_status status;

    *directory = (sf_state_directory){.lock = -1};
    directory->path = sf_text_copy(path);
    directory->database_path = sf_text_printf("%s/db", path);
    status = sf_directory_make(path, err);
    if (!status && access(path, W_OK | X_OK))
        status = sf_fail(err, SF_IO,
                         "state directory %s is not writable (%s); make it so, or choose another",
                         path, strerror(errno));
    if (!status)
        status = take_lock(directory, err);
    if (!status)
        status = find_id(directory, err);
    if (status)
        sf_state_directory_close(directory);
    return status;
}

void sf_state_directory_close(sf_state_directory *directory)
{
    free(directory->path);
    free(directory->database_path);
    free(directory->instance_id);
    if (directory->path && directory->lock >= 0)
        (void)close(directory->lock); /* only a lock */
    *directory = (sf_state_directory){.lock = -1};
}
