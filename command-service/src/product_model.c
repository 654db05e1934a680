#include "product_model.h"

#include "statements.h"

static write_verdict decode_created(struct write_command *command, const write_result *result)
{
    command->product.id = write_result_number(result, 0);
    command->product.version = write_result_number(result, 1);
    return WRITE_DONE;
}

void product_model_create(const struct write_model *model, struct write_command *command)
{
    static const write_statement statement = {STATEMENT_CREATE_PRODUCT, 3, 3, decode_created};

    command->values[0] = (const char *)command->product.name.data;
    command->values[1] = (const char *)command->product.category.data;
    command->values[2] = write_model_money(model, command, command->product.price);
    write_model_submit(model, command, &statement);
}

static write_verdict decode_updated(struct write_command *command, const write_result *result)
{
    return write_model_decode_update(command, result, &command->product.version);
}

void product_model_update(const struct write_model *model, struct write_command *command)
{
    static const write_statement statement = {STATEMENT_UPDATE_PRODUCT, 5, 5, decode_updated};

    command->pooled.lock_order = command->product.id;
    command->values[0] = write_model_number(command, command->product.id);
    command->values[1] = (const char *)command->product.name.data;
    command->values[2] = (const char *)command->product.category.data;
    command->values[3] = write_model_money(model, command, command->product.price);
    command->values[4] = write_model_expected_version(command);
    write_model_submit(model, command, &statement);
}
