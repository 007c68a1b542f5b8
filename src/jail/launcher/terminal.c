#include "terminal.h"
#include "failure.h"
#include <errno.h>
int terminal_run(const struct request *request, struct control *control)
{
    (void)request; (void)control;
    fail(ENOSYS, "terminal");
}
