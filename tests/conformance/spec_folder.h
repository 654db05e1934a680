/* spec_folder.h - the case files below a folder, however deep, by path. */
#ifndef TESTS_CONFORMANCE_SPEC_FOLDER_H
#define TESTS_CONFORMANCE_SPEC_FOLDER_H

#include <stddef.h>

#include <stateful/error.h>

typedef struct spec_folder {
    char *root;
    char **paths; /* below the root, without it: "fk-join/fk_inner.json" */
    size_t count;
    size_t capacity;
} spec_folder;

/* All files that end in .json; SF_NOT_FOUND if there is none. Call _done also after a failure. */
sf_status spec_folder_read(spec_folder *folder, const char *root, sf_error *err);
void spec_folder_done(spec_folder *folder);

#endif
