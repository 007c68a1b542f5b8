enum { CLONE_NOFOLLOW = 1 };
int fclonefileat(int from, int folder, const char *name, int flags);
