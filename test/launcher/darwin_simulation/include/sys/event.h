enum { EVFILT_PROC = -5, EV_ADD = 1, EV_ONESHOT = 0x10 };
#define NOTE_EXIT 0x80000000U
struct kevent {
    uintptr_t ident;
    int16_t filter;
    uint16_t flags;
    uint32_t fflags;
    intptr_t data;
    void *udata;
};
#define EV_SET(event, a, b, c, d, e, f) (*(event) = (struct kevent){a, b, c, d, e, f})
int kqueue(void);
int kevent(int queue, const struct kevent *changes, int change_count, struct kevent *events, int event_count,
           const struct timespec *timeout);
