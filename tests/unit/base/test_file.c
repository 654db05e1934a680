#include "base/file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "check.h"

static char *directory;

static int make_directory(void **state)
{
    char template[] = "/tmp/stateful-file-XXXXXX";

    (void)state;
    directory = sf_text_copy(mkdtemp(template));
    return directory ? 0 : -1;
}

static int remove_directory(void **state)
{
    (void)state;
    assert_ok(sf_directory_remove(directory, err));
    free(directory);
    return 0;
}

static char *path_of(const char *name)
{
    return sf_text_printf("%s/%s", directory, name);
}

static void replaced_file_is_read_back_whole(void **state)
{
    char *path = path_of("file");
    size_t size = 200 * 1000;
    uint8_t *large = sf_zalloc(size);
    sf_buffer contents = SF_BUFFER_EMPTY;

    (void)state;
    memset(large, 'x', size);
    assert_ok(sf_file_replace(path, sf_bytes_of(large, size), err));
    assert_ok(sf_file_read(path, &contents, err));
    assert_int_equal(contents.size, size);
    assert_memory_equal(contents.data, large, size);
    assert_ok(sf_file_replace(path, sf_bytes_text("short"), err));
    sf_buffer_clear(&contents);
    assert_ok(sf_file_read(path, &contents, err));

    assert_bytes(sf_buffer_bytes(&contents), "short");
    sf_buffer_done(&contents);
    free(large);
    free(path);
}

static void missing_file_is_not_found(void **state)
{
    char *path = path_of("none");
    sf_buffer contents = SF_BUFFER_EMPTY;
    sf_error error = {0};

    (void)state;
    assert_int_equal(sf_file_read(path, &contents, &error), SF_STOP);
    assert_int_equal(error.code, SF_NOT_FOUND);
    assert_int_equal(sf_file_replace("/nowhere/file", SF_NULL, &error), SF_STOP);
    assert_int_equal(error.code, SF_IO);
    sf_buffer_done(&contents);
    free(path);
}

static void directories_are_made_and_removed_with_what_is_in_them(void **state)
{
    char *deep = path_of("a/b/c");
    char *file = path_of("a/b/c/file");
    char *top = path_of("a");
    struct stat found;
    sf_error error = {0};

    (void)state;
    assert_ok(sf_directory_make(deep, err));
    assert_ok(sf_directory_make(deep, err)); /* there already */
    assert_ok(sf_directory_sync(deep, err));
    assert_ok(sf_file_replace(file, sf_bytes_text("x"), err));
    assert_int_equal(sf_directory_make(file, &error), SF_STOP);
    assert_non_null(strstr(error.text, "no directory"));
    assert_ok(sf_directory_remove(top, err));
    assert_ok(sf_directory_remove(top, err)); /* gone already */

    assert_int_equal(stat(top, &found), -1);
    free(top);
    free(file);
    free(deep);
}

static void link_out_of_a_directory_is_removed_but_not_followed(void **state)
{
    char *inside = path_of("links");
    char *link = path_of("links/link");
    char *outside = path_of("outside");
    struct stat found;

    (void)state;
    assert_ok(sf_directory_make(inside, err));
    assert_ok(sf_directory_make(outside, err));
    assert_int_equal(symlink(outside, link), 0);
    assert_ok(sf_directory_remove(inside, err));

    assert_int_equal(stat(outside, &found), 0);
    free(inside);
    free(link);
    free(outside);
}

static void lock_is_held_by_one_until_it_is_closed(void **state)
{
    char *path = path_of("lock");
    sf_error error = {0};
    int first, second;

    (void)state;
    assert_ok(sf_file_lock(path, &first, err));
    assert_int_equal(sf_file_lock(path, &second, &error), SF_STOP);
    assert_int_equal(error.code, SF_BUSY);
    (void)close(first);
    assert_ok(sf_file_lock(path, &second, err));

    (void)close(second);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replaced_file_is_read_back_whole),
        cmocka_unit_test(missing_file_is_not_found),
        cmocka_unit_test(directories_are_made_and_removed_with_what_is_in_them),
        cmocka_unit_test(link_out_of_a_directory_is_removed_but_not_followed),
        cmocka_unit_test(lock_is_held_by_one_until_it_is_closed),
    };

    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
