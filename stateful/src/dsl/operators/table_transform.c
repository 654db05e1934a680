/* table_transform.c - the processor runs in a context of its own, whose only child catches what it
 * forwards. */
#include "dsl/operators/table_transform.h"

#include "topology/processor_implementation.h"

typedef struct table_transform {
    const sf_table_transform_plan *plan;
    sf_context *context;
    sf_context inner; /* the processor's */
    sf_context_child child;
    sf_bytes caught; /* what it forwarded for the row at hand */
    sf_kept_rows rows;
} table_transform;

static sf_status catch_row(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    table_transform *at = state;

    if (!at->inner.is_locked)
        return sf_fail(err, SF_INVALID, "may forward only while it is given a row");
    at->caught = sf_arena_copy(sf_context_arena(context), record->value);
    return SF_OK;
}

/* A processor without init has its user pointer for a state, as everywhere. */
static sf_status init_inner(table_transform *at, sf_error *err)
{
    const sf_processor *transform = &at->plan->transform;

    at->inner = *at->context;
    at->child = (sf_context_child){catch_row, at, &at->inner};
    at->inner.children = &at->child;
    at->inner.child_count = 1;
    at->inner.state = transform->user;
    if (!transform->init)
        return SF_OK;
    return transform->init(transform->user, &at->inner, &at->inner.state, err);
}

static sf_status init(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_table_transform_plan *plan = user;
    table_transform *made = sf_arena_zalloc(context->pipeline->memory, sizeof(*made));
    sf_status status = SF_OK;

    made->plan = plan;
    made->context = context;
    *state = made;
    if (plan->rows.store)
        status = sf_kept_rows_init(&made->rows, &plan->rows, context, err);
    return status ? status : init_inner(made, err); /* last: it is closed only if all went well */
}

static void close(void *state)
{
    table_transform *at = state;

    if (at->plan->transform.close)
        at->plan->transform.close(at->inner.state);
}

/* One value; the key stays as it is. */
static sf_status transform(table_transform *at, const sf_record *record, sf_bytes value,
                           sf_bytes *result, sf_error *err)
{
    const sf_processor *processor = &at->plan->transform;
    sf_record row = *record;
    sf_status status;

    row.value = value;
    at->caught = SF_NULL;
    at->inner.key = record->key;
    at->inner.is_locked = true;
    if (processor->process)
        status = processor->process(at->inner.state, &at->inner, &row, err);
    else
        status = sf_context_forward(&at->inner, &row, err);
    at->inner.is_locked = false;
    *result = at->caught;
    return status;
}

static sf_status keep(table_transform *at, const sf_record *now, sf_error *err)
{
    sf_row row;
    sf_status status = sf_kept_rows_find(&at->rows, now->key, &row, err);

    return status ? status : sf_kept_rows_put(&at->rows, &row, now, err);
}

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    table_transform *at = state;
    sf_change change = *sf_change_of(record);
    sf_bytes before = change.before;
    sf_status status = transform(at, record, record->value, &change.record.value, err);

    if (!status && at->plan->rows.store)
        return keep(at, &change.record, err);
    change.before = SF_NULL;
    if (!status && at->plan->rows.sends_before)
        status = transform(at, record, before, &change.before, err);
    return status ? status : sf_context_forward(context, &change.record, err);
}

sf_processor sf_table_transform_processor(sf_table_transform_plan *plan)
{
    return (sf_processor){.init = init, .process = process, .close = close, .user = plan};
}
