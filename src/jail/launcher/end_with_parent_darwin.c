#include "end_with_parent.h"

void end_with_parent(void)
{
}
