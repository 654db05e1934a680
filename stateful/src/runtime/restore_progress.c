#include "runtime/restore_progress_implementation.h"

int64_t sf_restore_progress_left_ms(const sf_restore_progress *progress)
{
    double done = (double)(progress->position - progress->begin);
    double ahead = (double)(progress->end - progress->position);

    if (ahead <= 0)
        return 0;
    if (done <= 0)
        return -1;
    return (int64_t)((double)progress->elapsed_ms * ahead / done);
}
