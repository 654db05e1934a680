#include "customer_model.h"

#include "statements.h"

static write_verdict decode_created(struct write_command *command, const write_result *result)
{
    if (!result->is_there)
        return WRITE_ID_TAKEN;
    command->customer.id = write_result_number(result, 0);
    command->customer.version = write_result_number(result, 1);
    return WRITE_DONE;
}

/* An id that was drawn is free, unless a client chose it at the same moment; then the command is
 * refused as one that may be sent again. */
static write_verdict decode_drawn(struct write_command *command, const write_result *result)
{
    write_verdict verdict = decode_created(command, result);

    return verdict == WRITE_ID_TAKEN ? WRITE_BUSY : verdict;
}

void customer_model_create(const struct write_model *model, struct write_command *command)
{
    struct customer *customer = &command->customer;
    write_statement statement = {STATEMENT_CREATE_CUSTOMER, 3, 3,
                                 customer->id ? decode_created : decode_drawn};

    command->pooled.lock_order = customer->id;
    command->values[0] = customer->id ? write_model_number(command, customer->id) : NULL;
    command->values[1] = (const char *)customer->name.data;
    command->values[2] = (const char *)customer->email.data;
    write_model_submit(model, command, &statement);
}

static write_verdict decode_updated(struct write_command *command, const write_result *result)
{
    return write_model_decode_update(command, result, &command->customer.version);
}

void customer_model_update(const struct write_model *model, struct write_command *command)
{
    static const write_statement statement = {STATEMENT_UPDATE_CUSTOMER, 4, 4, decode_updated};

    command->pooled.lock_order = command->customer.id;
    command->values[0] = write_model_number(command, command->customer.id);
    command->values[1] = (const char *)command->customer.name.data;
    command->values[2] = (const char *)command->customer.email.data;
    command->values[3] = write_model_expected_version(command);
    write_model_submit(model, command, &statement);
}
