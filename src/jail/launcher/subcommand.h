/* The subcommands of rund-jail. Each gets its own name as argv[0] and returns the program's exit status. */
#ifndef RUND_SUBCOMMAND_H
#define RUND_SUBCOMMAND_H

/* The command line is wrong. */
enum { EXIT_USAGE = 64 };

int exec_main(int argc, char **argv);
int ps_main(int argc, char **argv);
int kill_main(int argc, char **argv);

/* Only Linux lets a program mount by itself; on macOS the shim runs the system's mount tools. */
#if defined(__linux__) && defined(__has_include)
#if __has_include("mount_linux.c")
#define RUND_JAIL_MOUNTS 1
int mount_main(int argc, char **argv);
int umount_main(int argc, char **argv);
#endif
#endif

#endif
