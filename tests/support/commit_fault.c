#include "support/commit_fault.h"

#include "runtime/streams_implementation.h"

static bool strikes(const commit_fault *fault, int commit)
{
    return fault->commit ? commit == fault->commit : commit > 1;
}

static sf_status strike(void *user, int step, sf_error *err)
{
    commit_fault *fault = user;
    int commit;

    if (step != fault->step)
        return SF_OK;
    commit = atomic_fetch_add(&fault->commits, 1) + 1;
    if (!strikes(fault, commit))
        return SF_OK;
    atomic_store(&fault->has_struck, true);
    return sf_fail_with(err, fault->status, SF_IO, "struck after step %d of commit %d", step,
                        commit);
}

void commit_fault_install(sf_streams *streams, commit_fault *fault)
{
    sf_streams_set_commit_hook(streams, strike, fault);
}
