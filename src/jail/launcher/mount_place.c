#include "mount_place.h"

#ifdef __linux__

bool place_take_back(const struct record *place, const struct record *placed)
{
    (void)place;
    (void)placed;
    return true;
}

#endif
