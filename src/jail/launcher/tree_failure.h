#ifndef RUND_TREE_FAILURE_H
#define RUND_TREE_FAILURE_H

/* Prints `NAME path: reason` for errno, where `below`, which is freed, is a path in the tree or NULL. Returns 1. */
int tree_failure(const char *tree, char *below);

#endif
