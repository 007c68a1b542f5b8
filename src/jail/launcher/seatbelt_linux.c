#include "seatbelt.h"

#include "failure.h"

#include <errno.h>

void seatbelt_prepare(const struct request *request)
{
    if (request->seatbelt != NULL) fail_text(EINVAL, "seatbelt: only macOS has one, and this host runs Linux");
}

void seatbelt_apply(void)
{
}
