#ifndef DARWIN_MOUNT_H
#define DARWIN_MOUNT_H
#define fsid_t simulated_fsid
typedef struct {
    int32_t val[2];
} simulated_fsid;
enum { MNT_NOWAIT = 2, MNT_FORCE = 0x80000 };
enum { VFS_CTL_VERS1 = 1, VFS_CTL_UMOUNT = 0x00010002 };
struct vfsidctl {
    int vc_vers;
    simulated_fsid vc_fsid;
    void *vc_ptr;
    size_t vc_len;
};
struct statfs {
    simulated_fsid f_fsid;
    char f_fstypename[16], f_mntonname[1024], f_mntfromname[1024];
};
int fstatfs(int fd, struct statfs *status);
int getfsstat(struct statfs *statuses, int size, int mode);
int unmount(const char *path, int flags);
#endif
