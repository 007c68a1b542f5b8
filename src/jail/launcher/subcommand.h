/* The subcommands of rund-jail. Each gets its own name as argv[0] and returns the program's exit status. */
#ifndef RUND_SUBCOMMAND_H
#define RUND_SUBCOMMAND_H

/* The command line is wrong. */
enum { EXIT_USAGE = 64 };

int exec_main(int argc, char **argv);
int ps_main(int argc, char **argv);
int kill_main(int argc, char **argv);
int daemon_main(int argc, char **argv);
int freeze_main(int argc, char **argv);
int thaw_main(int argc, char **argv);
int fifos_main(int argc, char **argv);
int discard_main(int argc, char **argv);
int unread_main(int argc, char **argv);
int user_main(int argc, char **argv);
int tree_main(int argc, char **argv);
int clone_main(int argc, char **argv);
int usage_main(int argc, char **argv);
int remove_main(int argc, char **argv);
int sync_main(int argc, char **argv);
int trees_main(int argc, char **argv);
int lock_main(int argc, char **argv);
int diff_main(int argc, char **argv);

int mount_main(int argc, char **argv);
int umount_main(int argc, char **argv);
int sweep_main(int argc, char **argv);
int dns_main(int argc, char **argv);

#endif
