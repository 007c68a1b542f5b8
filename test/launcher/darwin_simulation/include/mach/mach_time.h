enum { KERN_SUCCESS = 0 };
typedef struct {
    uint32_t numer, denom;
} mach_timebase_info_data_t;
int mach_timebase_info(mach_timebase_info_data_t *info);
