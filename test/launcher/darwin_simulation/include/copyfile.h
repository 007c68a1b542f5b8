enum { COPYFILE_ACL = 1, COPYFILE_XATTR = 4 };
int fcopyfile(int from, int to, void *state, int flags);
